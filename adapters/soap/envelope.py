"""The SOAP envelope: from an HTTP request's headers and body to the version, the body's element and the action.

Facts
- The envelope's namespace decides the version (asmx-facts 2.17, 2.18); before it is read, the headers do.
- Not well-formed XML: 400 and no body with a SOAPAction, else a SOAP 1.2 fault (2.25). A DOCTYPE is that too.
  Another content type than SOAP's: 415 and no body (2.26).
- Headers are ignored, `mustUnderstand` too (2.64; unlike 2.23).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from lxml import etree

from adapters.soap import answers
from adapters.soap.answers import Answer, FaultCode, SoapVersion
from adapters.soap.decoding import join_surrogates, to_utf8
from gateway.domain.errors import BadParameter
from gateway.domain.values import value

_MEDIA_TYPES = frozenset({"text/xml", "application/soap+xml"})
_VERSION_BY_ROOT = {f"{{{version.envelope}}}Envelope": version for version in SoapVersion}

BAD_REQUEST = Answer(status=400)
UNSUPPORTED_MEDIA_TYPE = Answer(status=415)


class Unreadable(BadParameter):
    """The request is no call of ours; `answer` is what the platform said to it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("request", "is not a SOAP call that can be answered")
        self.answer = answer


@value
class Headers:
    """What a request says before its envelope does; `guessed` is the version it speaks as far as they tell."""

    media_type: str
    charset: str | None
    action: str | None
    guessed: SoapVersion


@value
class Envelope:
    """What was sent. `element` is the first of the body, None in an empty one; `action` None: none was named."""

    version: SoapVersion
    element: etree._Element | None
    action: str | None


def parse_envelope(body: bytes, *, content_type: str | None, soap_action: str | None) -> Envelope:
    """Read one POST. `soap_action` is the header as it came, None where there is none. Raises Unreadable."""
    headers = parse_headers(content_type or "", soap_action)
    if headers.media_type not in _MEDIA_TYPES and soap_action is not None:
        raise Unreadable(UNSUPPORTED_MEDIA_TYPE)
    root = _parse_xml(to_utf8(body, headers.charset), headers.guessed)
    if headers.media_type not in _MEDIA_TYPES:
        raise Unreadable(UNSUPPORTED_MEDIA_TYPE)
    version = _VERSION_BY_ROOT.get(root.tag)
    if version is None:
        raise Unreadable(_wrong_root(root, headers.guessed))
    if version is SoapVersion.SOAP11 and headers.media_type != "text/xml":
        raise Unreadable(UNSUPPORTED_MEDIA_TYPE)
    soap_body = next(root.iterchildren("{*}Body"), None)
    if soap_body is None:
        raise Unreadable(_missing_element("Body", version))
    element = soap_body[0] if len(soap_body) else None
    return Envelope(version=version, element=element, action=headers.action)


def split_tag(tag: str) -> tuple[str | None, str]:
    """Namespace (None: in none) and local name."""
    namespace, found, name = tag.rpartition("}")
    return (namespace[1:], name) if found else (None, name)


def _parser(*, recover: bool) -> etree.XMLParser:
    # `resolve_entities=False` alone would drop text silently: a DOCTYPE is refused as a whole, below.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=recover,
    )


# What is fed to it is taken out before anything else can run: one thread, that of the event loop, reads calls.
_PARSER = _parser(recover=False)


def _parse_xml(document: bytes, guessed: SoapVersion) -> etree._Element:
    try:
        root = _parse_leniently(document)
    except etree.XMLSyntaxError:
        raise Unreadable(_not_well_formed(guessed, _PARSER.feed_error_log.filter_from_errors())) from None
    if b"<!DOCTYPE" in document and _has_doctype(root):
        raise Unreadable(_not_well_formed(guessed))
    return root


def _parse_leniently(document: bytes) -> etree._Element:
    try:
        return _parse_document(document)
    except etree.XMLSyntaxError:
        joined = join_surrogates(document)
        if joined == document:
            raise
        return _parse_document(joined)


def _parse_document(document: bytes) -> etree._Element:
    try:
        _PARSER.feed(document)
        return _PARSER.close()
    except etree.XMLSyntaxError as error:
        if error.code != etree.ErrorTypes.WAR_NS_URI:  # type: ignore[attr-defined]  # unknown to the stubs
            raise
        # A namespace is a string to .NET; libxml2 wants a URI, which one with a Swedish letter is not.
        forgiving = _parser(recover=True)
        root = etree.fromstring(document, forgiving)
        if any(problem.type != etree.ErrorTypes.WAR_NS_URI for problem in forgiving.error_log):
            raise
        return root


def _has_doctype(root: etree._Element) -> bool:
    return bool(root.getroottree().docinfo.doctype)  # type: ignore[attr-defined]  # unknown to the stubs


def _not_well_formed(guessed: SoapVersion, errors: Iterable[etree._LogEntry] = ()) -> Answer:
    if guessed is SoapVersion.SOAP11:
        return BAD_REQUEST
    line, column = next(((error.line, error.column) for error in errors), (1, 1))
    problem = f"Data at the root level is invalid. Line {max(line, 1)}, position {max(column, 1)}."
    return answers.render_fault(guessed, FaultCode.SERVER, f"Server was unable to process request. ---> {problem}")


@lru_cache(maxsize=128)  # a program writes the same ones with every call
def parse_headers(content_type: str, soap_action: str | None) -> Headers:
    """Read both headers; `soap_action` as it came, None where there is none."""
    media_type, charset, action = parse_content_type(content_type)
    return Headers(
        media_type=media_type,
        charset=charset,
        action=action if soap_action is None else _parse_action(soap_action),
        guessed=_guess_version(media_type, soap_action),
    )


def parse_content_type(written: str) -> tuple[str, str | None, str | None]:
    """Media type in lower case, and the parameters charset and action."""
    media_type = written.partition(";")[0]
    parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(written)}
    return media_type.strip().lower(), parameters.get("charset"), parameters.get("action")


# Anchored and possessive, so that a long header costs linear time.
_PARAMETER = re.compile(r';\s*+([\w-]++)\s*+=\s*+(?:"([^"]*+)"|([^\s;"]++))')


def _guess_version(media_type: str, soap_action: str | None) -> SoapVersion:
    # asmx-facts 2.18
    if soap_action is not None and media_type != "application/soap+xml":
        return SoapVersion.SOAP11
    return SoapVersion.SOAP12


def _wrong_root(root: etree._Element, guessed: SoapVersion) -> Answer:
    namespace, name = split_tag(root.tag)
    if name != "Envelope":
        return _missing_element("Envelope", guessed)
    return answers.render_version_mismatch(namespace or "")


def _missing_element(name: str, version: SoapVersion) -> Answer:
    text = (
        f"Server was unable to read request. ---> Request format is invalid: Missing required soap:{name} element."
    )
    return answers.render_fault(version, FaultCode.CALLER, text)


def _parse_action(written: str) -> str:
    # asmx-facts 2.19: one pair of quotes only if both are there, then URL-decoded.
    text = written.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return unquote(text)
