"""SOAP on the wire: an HTTP request's headers and body to a call, and its result back to bytes.

Facts: what the old platform did (asmx-facts 2.15 to 2.30), and where this reader hears more than it did
- The envelope's namespace decides the version (2.17, 2.18); before it is read, the headers do.
- Not well-formed XML: 400 and no body with a SOAPAction, else a SOAP 1.2 fault (2.25). A DOCTYPE is that too.
  Another content type than SOAP's: 415 and no body (2.26).
- The operation is the body element's local name, in any namespace and any case; where that names none, the
  SOAPAction's last segment. The original obeyed the action first (2.20) and refused one it did not know (2.23), but
  nobody has its namespace any more, so a compiled program would be refused for what it was compiled with (2.53).
- Parameters: any namespace, any case, any known spelling, any order; unknown ones are ignored, the first of
  several wins, a missing one is None, `xsi:nil` is the empty string (2.22). Headers are ignored, `mustUnderstand`
  too (2.64).
- SOAP::Lite types every value, and sends what is not ASCII as base64 (2.59). RPC-style bodies (2.63) differ in
  attributes, and in values that stand elsewhere in the body and are pointed at with `href`.
- Elements inside a value were not well-formed to the original (2.25). A list of numbers was, if anywhere, in
  `bundleSms`, whose real shape is lost: its items are joined.
- The answer repeats the namespace and the spelling of the request's body element: a .NET client reads null from any
  other (2.52).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote

from lxml import etree

from adapters.soap import answers
from adapters.soap.answers import Answer, FaultCode, SoapVersion
from adapters.soap.decoding import to_utf8
from adapters.soap.operations import Operation, OperationTable
from gateway.domain.errors import BadParameter

_MEDIA_TYPES = {"text/xml": SoapVersion.SOAP11, "application/soap+xml": SoapVersion.SOAP12}
_VERSION_BY_ENVELOPE = {version.envelope: version for version in SoapVersion}
_LISTS = frozenset({"till"})
MAX_CHILDREN = 10_000  # of one element; no program writes more, and reading them would hold up everyone else


class Unreadable(BadParameter):
    """The request is no call of ours; `answer` is what the platform said to it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("request", "is not a SOAP call of a known operation")
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """One call. `arguments` has the declared names; `name` and `namespace` are the body element's own."""

    operation: Operation
    arguments: Mapping[str, str] = field(repr=False)
    version: SoapVersion
    name: str
    namespace: str | None


def parse(body: bytes, *, content_type: str | None, soap_action: str | None, table: OperationTable) -> SoapCall:
    """Read one POST. `soap_action` is the header as it came, None where there is none. Raises Unreadable."""
    media_type, charset, action_parameter = parse_content_type(content_type or "")
    if media_type not in _MEDIA_TYPES and soap_action is not None:
        raise Unreadable(UNSUPPORTED_MEDIA_TYPE)
    guessed = _guess_version(media_type, soap_action)
    root = _parse_xml(to_utf8(body, charset), guessed)
    if media_type not in _MEDIA_TYPES:
        raise Unreadable(UNSUPPORTED_MEDIA_TYPE)
    version = _parse_version(root, guessed)
    if version is SoapVersion.SOAP11 and media_type != "text/xml":
        raise Unreadable(UNSUPPORTED_MEDIA_TYPE)
    element = _body_element(root, version)
    action = action_parameter if soap_action is None else _parse_action(soap_action)
    return _parse_call(element, action, version, table)


def render_result(call: SoapCall, text: str | None) -> Answer:
    """What a call is answered; `text` None leaves the result out (asmx-facts 2.16)."""
    return answers.render_result(
        call.version,
        response=call.operation.response or f"{call.name}Response",
        result=call.operation.result or f"{call.name}Result",
        namespace=call.namespace,
        text=text,
        result_qualified=call.operation.result_qualified,
    )


BAD_REQUEST = Answer(status=400)
UNSUPPORTED_MEDIA_TYPE = Answer(status=415)


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


_PARSER = _parser(recover=False)


def _parse_xml(document: bytes, guessed: SoapVersion) -> etree._Element:
    try:
        root = _parse_document(document)
    except etree.XMLSyntaxError as error:
        raise Unreadable(_not_well_formed(guessed, error.position)) from None
    if b"<!DOCTYPE" in document and _has_doctype(root):
        raise Unreadable(_not_well_formed(guessed, (1, 1)))
    return root


def _parse_document(document: bytes) -> etree._Element:
    try:
        return etree.fromstring(document, _PARSER)
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


def _not_well_formed(guessed: SoapVersion, position: tuple[int, int]) -> Answer:
    if guessed is SoapVersion.SOAP11:
        return BAD_REQUEST
    line, column = position
    problem = f"Data at the root level is invalid. Line {max(line, 1)}, position {max(column, 1)}."
    return answers.render_fault(guessed, FaultCode.SERVER, f"Server was unable to process request. ---> {problem}")


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


def _parse_version(root: etree._Element, guessed: SoapVersion) -> SoapVersion:
    namespace, name = _split(root.tag)
    if name != "Envelope":
        raise Unreadable(_missing_element("Envelope", guessed))
    version = _VERSION_BY_ENVELOPE.get(namespace or "")
    if version is None:
        raise Unreadable(answers.render_version_mismatch(namespace or ""))
    return version


def _body_element(root: etree._Element, version: SoapVersion) -> etree._Element | None:
    """The first element of the SOAP body, None in an empty one."""
    for child in root:
        if _split(child.tag)[1] == "Body":
            return next(iter(child), None)
    raise Unreadable(_missing_element("Body", version))


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


def _parse_call(
    element: etree._Element | None, action: str | None, version: SoapVersion, table: OperationTable
) -> SoapCall:
    namespace, name = (table.namespace, "") if element is None else _split(element.tag)
    operation = table.find(name)
    if operation is None:
        operation = table.find_by_action(action) if action else None
        if operation is None:
            raise Unreadable(_unknown_operation(action, version))
        name = operation.name
    arguments = {} if element is None else _parse_arguments(element, operation)
    return SoapCall(operation=operation, arguments=arguments, version=version, name=name, namespace=namespace)


def _unknown_operation(action: str | None, version: SoapVersion) -> Answer:
    if action is None:
        text = "Unable to handle request without a valid action parameter. Please supply a valid soap action."
    elif version is SoapVersion.SOAP11:
        text = f"Server did not recognize the value of HTTP Header SOAPAction: {action}."
    else:
        text = f"Unable to handle request. The action '{action}' was not recognized."
    return answers.render_fault(version, FaultCode.CALLER, text)


def _parse_arguments(element: etree._Element, operation: Operation) -> dict[str, str]:
    arguments: dict[str, str] = {}
    if len(element) > MAX_CHILDREN:
        raise Unreadable(BAD_REQUEST)
    for child in element:
        name = operation.name_by_spelling.get(_split(child.tag)[1].lower())
        if name is not None and name not in arguments:
            arguments[name] = _parse_value(child, name)
    return arguments


def _parse_value(element: etree._Element, name: str) -> str:
    if len(element):
        if name not in _LISTS or len(element) > MAX_CHILDREN:
            raise Unreadable(BAD_REQUEST)
        return ",".join(item.text or "" for item in element)
    text = element.text or ""
    return _parse_encoded(element, text) if element.attrib else text


def _parse_encoded(element: etree._Element, text: str) -> str:
    """A value whose attributes may say that it is base64, or elsewhere in the body."""
    for attribute, value in element.attrib.items():
        name = _split(str(attribute))[1]
        if name == "type" and str(value).rpartition(":")[2] in ("base64Binary", "base64"):
            return _decode_base64(text)
        if name == "href" and not text:
            return _follow(element, str(value))
    return text


def _decode_base64(text: str) -> str:
    try:
        decoded = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text
    return to_utf8(decoded, None).decode("utf-8", "replace")


def _follow(element: etree._Element, href: str) -> str:
    wrapper = element.getparent()
    body = wrapper.getparent() if wrapper is not None else None
    for other in islice(body, MAX_CHILDREN) if body is not None else ():
        if f"#{other.get('id')}" == href:
            return other.text or ""
    return ""


def _split(tag: str) -> tuple[str | None, str]:
    """Namespace (None: in none) and local name."""
    namespace, found, name = tag.rpartition("}")
    return (namespace[1:], name) if found else (None, name)
