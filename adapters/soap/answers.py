"""Answers on the wire, byte for byte in the shape of the old platform.

Facts
- One line, nothing after the XML declaration, default namespace on the response element, no xsi:type (asmx-facts
  2.15, 2.44, 2.58); an empty element is closed with a blank before the slash (2.16).
- SOAP 1.2 differs in the envelope's namespace and the content type alone (2.17). Clients check the content type to
  the letter (2.54).
- Faults are HTTP 500 and carry an empty detail (2.23). Some refusals have a status and no body (2.18, 2.25, 2.26).
"""

import re
from enum import Enum

from gateway.domain.values import value

SOAP11_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"


class SoapVersion(Enum):
    """A version of SOAP: its envelope's namespace and what its answers are called."""

    SOAP11 = (SOAP11_ENVELOPE, "text/xml; charset=utf-8")
    SOAP12 = (SOAP12_ENVELOPE, "application/soap+xml; charset=utf-8")

    def __init__(self, envelope: str, content_type: str) -> None:
        self.envelope = envelope
        self.content_type = content_type
        self.head = (
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<soap:Envelope xmlns:soap="{envelope}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            ' xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        )


class FaultCode(Enum):
    """Whose fault it is, as SOAP 1.1 and SOAP 1.2 say it."""

    CALLER = ("soap:Client", "soap:Sender")
    SERVER = ("soap:Server", "soap:Receiver")
    VERSION_MISMATCH = ("soap:VersionMismatch", "soap:VersionMismatch")

    def __init__(self, soap11: str, soap12: str) -> None:
        self.soap11 = soap11
        self.soap12 = soap12


@value
class Answer:
    """A response without its transport. `content_type` None: it has no body."""

    status: int
    content_type: str | None = None
    body: bytes = b""


def render_result(
    version: SoapVersion,
    *,
    response: str,
    result: str,
    namespace: str | None,
    text: str | None,
    result_qualified: bool = True,
) -> Answer:
    """The result of a call in elements of these names and namespace (None: in none); `text` None is null.

    `result_qualified` False: the inner element alone is in no namespace.
    """
    declaration = f' xmlns="{escape_attribute(namespace)}"' if namespace else ""
    undeclared = "" if result_qualified else ' xmlns=""'
    if text is None:
        element = f"<{response}{declaration} />"
    elif not text:
        element = f"<{response}{declaration}><{result}{undeclared} /></{response}>"
    else:
        element = f"<{response}{declaration}><{result}{undeclared}>{escape_text(text)}</{result}></{response}>"
    body = f"{version.head}<soap:Body>{element}</soap:Body></soap:Envelope>"
    return Answer(status=200, content_type=version.content_type, body=body.encode("utf-8"))


def render_fault(version: SoapVersion, code: FaultCode, text: str, *, header: str = "") -> Answer:
    """A fault; `header` is XML."""
    if version is SoapVersion.SOAP11:
        fault = f"<faultcode>{code.soap11}</faultcode><faultstring>{escape_text(text)}</faultstring><detail />"
    else:
        fault = (
            f"<soap:Code><soap:Value>{code.soap12}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="en">{escape_text(text)}</soap:Text></soap:Reason><soap:Detail />'
        )
    body = f"{version.head}{header}<soap:Body><soap:Fault>{fault}</soap:Fault></soap:Body></soap:Envelope>"
    return Answer(status=500, content_type=version.content_type, body=body.encode("utf-8"))


def render_version_mismatch(envelope: str) -> Answer:
    """The fault for an envelope of neither version; its header names those that are spoken (asmx-facts 2.23)."""
    text = (
        f"Possible SOAP version mismatch: Envelope namespace {envelope} was unexpected. "
        f"Expecting {SOAP11_ENVELOPE}."
    )
    return render_fault(SoapVersion.SOAP11, FaultCode.VERSION_MISMATCH, text, header=_UPGRADE)


_UPGRADE = (
    f'<soap:Header><soap12:Upgrade xmlns:soap12="{SOAP12_ENVELOPE}">'
    f'<soap12:SupportedEnvelope qname="soap:Envelope" xmlns:soap="{SOAP11_ENVELOPE}" />'
    f'<soap12:SupportedEnvelope qname="soap12:Envelope" xmlns:soap12="{SOAP12_ENVELOPE}" />'
    "</soap12:Upgrade></soap:Header>"
)


def escape_text(text: str) -> str:
    """Text for an XML element: escaped as the platform's writer did, and without what XML cannot say."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text if text.isprintable() else _NOT_XML.sub("?", text).replace("\r", "&#xD;")


def escape_attribute(text: str) -> str:
    """Text for an XML attribute in double quotes."""
    return escape_text(text).replace('"', "&quot;").replace("\n", "&#xA;").replace("\t", "&#x9;")


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
