"""JSON, or XML for a client that takes nothing else; both as the old framework's default formatters wrote them.

Facts
- ASP.NET Web API answers JSON, and XML where the client asks for it (common knowledge). Here only a client that
  accepts XML alone gets it: browsers and careless defaults list both.
- Its XML is DataContractSerializer's: no declaration, members in ordinal order, `i:nil` for null, arrays as
  `ArrayOf...`, an error as `<Error>` in no namespace. The names of the provider's classes are lost; its C# sample
  calls the answer to a send `ProcessedSms`.
"""

import re
from collections.abc import Sequence

import msgspec
from lxml import etree

from adapters.rest.documents import Problem, ReceivedMessage, SentMessage

Document = SentMessage | ReceivedMessage | Problem

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"

_CONTRACTS = "http://schemas.datacontract.org/2004/07/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_PREFIXES: dict[str | None, str] = {"i": _INSTANCE, None: _CONTRACTS}
DATA_CONTRACTS = f"{{{_CONTRACTS}}}"
NIL = f"{{{_INSTANCE}}}nil"
XML_NAME_BY_TYPE: dict[type[Document], str] = {
    SentMessage: "ProcessedSms",
    ReceivedMessage: "ReceivedSms",
    Problem: "Error",
}
_XML_ALONE = re.compile(r"(?:\s*(?:application|text)/xml\s*(?:;[^,]*)?(?:,(?=.)|\Z))+", re.ASCII | re.IGNORECASE)
_JSON_ENCODER = msgspec.json.Encoder()
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def choose_format(accept: str | None) -> str:
    """The Content-Type of the answer: XML for a client that accepts only that, otherwise JSON."""
    return XML if accept and _XML_ALONE.fullmatch(accept) else JSON


def render(document: Document | Sequence[Document], content_type: str, *, of: type[Document]) -> bytes:
    """The body of an answer; `of` is the type of the document, or of an array's elements."""
    if content_type == JSON:
        return _JSON_ENCODER.encode(document)
    return etree.tostring(_element(document, XML_NAME_BY_TYPE[of]), encoding="unicode").encode()


def _element(document: Document | Sequence[Document], name: str) -> etree._Element:
    if isinstance(document, Problem):
        return _with_members(etree.Element(name), msgspec.to_builtins(document), namespace="")
    if isinstance(document, Sequence):
        array = _root(f"ArrayOf{name}")
        for one in document:
            item = etree.SubElement(array, f"{DATA_CONTRACTS}{name}")
            _with_members(item, msgspec.to_builtins(one), namespace=DATA_CONTRACTS)
        return array
    return _with_members(_root(name), msgspec.to_builtins(document), namespace=DATA_CONTRACTS)


def _root(name: str) -> etree._Element:
    return etree.Element(f"{DATA_CONTRACTS}{name}", nsmap=_PREFIXES)  # type: ignore[arg-type]  # stubs lack None


def _with_members(element: etree._Element, members: dict[str, object], *, namespace: str) -> etree._Element:
    for name in sorted(members):
        member = etree.SubElement(element, f"{namespace}{name}")
        value = members[name]
        if value is None:
            member.set(NIL, "true")
        elif isinstance(value, dict):
            _with_members(member, value, namespace=namespace)
        else:
            member.text = _NOT_XML.sub("", " ".join(value) if isinstance(value, list) else str(value))
    return element
