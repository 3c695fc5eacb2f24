"""SOAP on the wire: an HTTP request's headers and body to a call, and its result back to bytes.

Facts: what the old platform did (asmx-facts 2.15 to 2.30), and where this reader hears more than it did
- The operation is the body element's local name, in any namespace and any case; where that names none, the
  SOAPAction's last segment. The original obeyed the action first (2.20) and refused one it did not know (2.23), but
  nobody has its namespace any more, so a compiled program would be refused for what it was compiled with (2.53).
- Parameters: any namespace, any case, any known spelling, any order; unknown ones are ignored, the first of
  several wins, a missing one is None, `xsi:nil` is the empty string (2.22).
- SOAP::Lite types every value, and sends what is not ASCII as base64 (2.59). RPC-style bodies (2.63) differ in
  attributes, and in values that stand elsewhere in the body and are pointed at with `href`.
- Elements inside a value were not well-formed to the original (2.25). A list of numbers was, if anywhere, in
  `bundleSms`, whose real shape is lost: its items are joined. So are several pictures in one parameter of ours.
- The answer repeats the namespace and the spelling of the request's body element: a .NET client reads null from any
  other (2.52).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import field
from itertools import islice

from lxml import etree

from adapters.soap import answers
from adapters.soap.answers import Answer, FaultCode, SoapVersion
from adapters.soap.contract import PICTURES
from adapters.soap.decoding import to_utf8
from adapters.soap.envelope import BAD_REQUEST, Unreadable, parse_envelope, split_tag
from adapters.soap.operations import Operation, OperationTable
from gateway.domain.values import value

_BINARY = frozenset(PICTURES)
_LISTS = frozenset({"till"}) | _BINARY
MAX_CHILDREN = 10_000  # of one element; no program writes more, and reading them would hold up everyone else


@value
class SoapCall:
    """One call. `arguments` has the declared names; `name` and `namespace` are the body element's own."""

    operation: Operation
    arguments: Mapping[str, str] = field(repr=False)
    version: SoapVersion
    name: str
    namespace: str | None


def parse(body: bytes, *, content_type: str | None, soap_action: str | None, table: OperationTable) -> SoapCall:
    """Read one POST. `soap_action` is the header as it came, None where there is none. Raises Unreadable."""
    envelope = parse_envelope(body, content_type=content_type, soap_action=soap_action)
    element, action = envelope.element, envelope.action
    namespace, name = (table.namespace, "") if element is None else split_tag(element.tag)
    operation = table.find(name)
    if operation is None:
        operation = table.find_by_action(action) if action else None
        if operation is None:
            raise Unreadable(_unknown_operation(action, envelope.version))
        name = operation.name
    arguments = {} if element is None else _parse_arguments(element, operation)
    return SoapCall(
        operation=operation, arguments=arguments, version=envelope.version, name=name, namespace=namespace
    )


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
        name = operation.name_by_spelling.get(child.tag.rpartition("}")[2].lower())
        if name is None or name in arguments:
            continue
        if len(child):
            arguments[name] = _parse_items(child, name)
        elif child.keys():
            arguments[name] = _parse_encoded(child, is_picture=name in _BINARY)
        else:
            arguments[name] = child.text or ""
    return arguments


def _parse_items(element: etree._Element, name: str) -> str:
    if name not in _LISTS or len(element) > MAX_CHILDREN:
        raise Unreadable(BAD_REQUEST)
    return ",".join(item.text or "" for item in element)


def _parse_encoded(element: etree._Element, *, is_picture: bool) -> str:
    """A value whose attributes may say that it is base64, or elsewhere in the body."""
    text = element.text or ""
    for attribute, written in element.attrib.items():
        name = split_tag(str(attribute))[1]
        if name == "type" and str(written).rpartition(":")[2] in ("base64Binary", "base64"):
            return text if is_picture else _decode_base64(text)
        if name == "href" and not text:
            return _follow(element, str(written))
    return text


def _decode_base64(text: str) -> str:
    try:
        decoded = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text
    # XML cannot hold NUL, but base64 can; no SMS can carry one.
    return to_utf8(decoded, None).decode("utf-8", "replace").replace("\0", "")


def _follow(element: etree._Element, href: str) -> str:
    wrapper = element.getparent()
    body = wrapper.getparent() if wrapper is not None else None
    for other in islice(body, MAX_CHILDREN) if body is not None else ():
        if f"#{other.get('id')}" == href:
            return other.text or ""
    return ""
