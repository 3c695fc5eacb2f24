"""An operator's own copy of the old WSDL: served with only its addresses changed, and obeyed.

Nobody else has one (asmx-facts N1). zeep reads it at start, from this one file: no network, no DTD.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import ExternalReferenceForbidden
from zeep.wsdl import Document
from zeep.wsdl.bindings import Soap11Binding, Soap12Binding

from adapters.soap.answers import escape_attribute
from adapters.soap.decoding import to_utf8
from gateway.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedOperation:
    """An operation as a WSDL describes it. `parameters` are (name, XML Schema type).

    `element`, `response` and `result` are the local names on the wire; `result_qualified`: the result is in the
    service's namespace, not in none.
    """

    name: str
    action: str
    element: str
    namespace: str
    parameters: tuple[tuple[str, str], ...]
    response: str
    result: str | None
    result_type: str
    result_qualified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWsdl:
    """The file, in UTF-8, and what it describes."""

    text: str = field(repr=False)
    service_name: str
    operations: tuple[DescribedOperation, ...]

    def render(self, address: str) -> str:
        """The file with this address in place of its own."""
        return _ADDRESS.sub(lambda found: f"{found[1]}{found[2]}{escape_attribute(address)}{found[2]}", self.text)


_ADDRESS = re.compile(r"""(<(?:[\w.-]+:)?address\b[^>]*?\blocation\s*=\s*)(["'])[^"'<>]*\2""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def load_operator_wsdl(path: Path) -> OperatorWsdl:
    """Read and check the file. Raises ConfigurationError."""
    try:
        content = to_utf8(path.read_bytes(), None).decode("utf-8")
    except OSError as error:
        raise ConfigurationError([f"soap.wsdl: {path} cannot be read: {error.strerror}"]) from error
    # The charset that it is served with and its own declaration have to agree (asmx-facts 2.55).
    text = _DECLARATION.sub('<?xml version="1.0" encoding="utf-8"?>', content, count=1)
    document = _read(text, path)
    operations = {operation.name: operation for operation in _operations(document)}
    lost = [name for name in _bound_names(text) if name not in operations]
    if operations and lost:
        raise ConfigurationError([f'soap.wsdl: the operation "{name}" is not described wholly' for name in lost])
    if not operations:
        raise ConfigurationError([f"soap.wsdl: {path} describes no SOAP port; is it the WSDL of sendsms.asmx?"])
    return OperatorWsdl(
        text=text, service_name=next(iter(document.services)), operations=tuple(operations.values())
    )


class _OneFile(zeep.Transport):
    def load(self, url: str) -> bytes:
        raise ConfigurationError([_IMPORTS.format(url)])


_IMPORTS = "soap.wsdl: the file imports {}; put all into one file"


# What zeep lets out when a WSDL is not what it expects.
_ZEEP_PROBLEMS = (ZeepError, LookupError, ValueError, TypeError, AttributeError, NotImplementedError)


_DOCUMENT: Any = Document  # its annotations are wrong: it wants a class of transport where it takes an instance


def _read(text: str, path: Path) -> Any:
    settings = zeep.Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        transport = _OneFile()  # type: ignore[no-untyped-call]  # zeep's constructor has no types
        return _DOCUMENT(io.BytesIO(text.encode("utf-8")), transport, settings=settings)
    except ExternalReferenceForbidden as error:
        raise ConfigurationError([_IMPORTS.format(error.url)]) from error
    except _ZEEP_PROBLEMS as error:
        raise ConfigurationError([f"soap.wsdl: {path} is not a WSDL that can be used: {error}"]) from error


def _operations(document: Any) -> Iterator[DescribedOperation]:
    for service in document.services.values():
        for port in service.ports.values():
            binding: Any = port.binding
            if type(binding) in (Soap11Binding, Soap12Binding):
                yield from map(_described, binding.all().values())


def _bound_names(text: str) -> Iterator[str]:
    """Every operation of a SOAP binding: zeep leaves out, with a warning, what it cannot resolve."""
    root = etree.fromstring(text.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    for operation in root.iterfind(f"{{{_WSDL}}}binding/{{{_WSDL}}}operation"):
        if any(child.tag in _SOAP_OPERATION for child in operation):
            yield operation.get("name", "")


_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP_OPERATION = (f"{{{_WSDL}soap/}}operation", f"{{{_WSDL}soap12/}}operation")


def _described(operation: Any) -> DescribedOperation:
    request, response = operation.input.body, operation.output.body
    results = [element for _, element in response.type.elements]
    result = results[0] if results else None
    return DescribedOperation(
        name=operation.name,
        action=operation.soapaction or "",
        element=request.qname.localname,
        namespace=request.qname.namespace or "",
        parameters=tuple((element.name, element.type.name or "string") for _, element in request.type.elements),
        response=response.qname.localname,
        result=result.name if result is not None else None,
        result_type=(result.type.name if result is not None else None) or "string",
        result_qualified=result is None or bool(result.qname.namespace),
    )
