"""The samples of the page: one call and its answer in each version of SOAP, as the platform printed them.

The vendor's manual sent developers to these (asmx-facts 2.38).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.soap.answers import SoapVersion, escape_attribute
from adapters.soap.operations import Operation, OperationTable

_ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<{prefix}:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:{prefix}="{envelope}">
  <{prefix}:Body>
    <{name} xmlns="{namespace}">
{children}
    </{name}>
  </{prefix}:Body>
</{prefix}:Envelope>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request and its answer, with placeholders for lengths and values."""

    title: str
    request: str
    response: str


def samples_of(table: OperationTable, operation: Operation, address: str) -> list[Sample]:
    """SOAP 1.1, then SOAP 1.2."""
    return [
        _sample(table, operation, address, SoapVersion.SOAP11, f'SOAPAction: "{table.action_of(operation)}"\n'),
        _sample(table, operation, address, SoapVersion.SOAP12, ""),
    ]


def _sample(
    table: OperationTable, operation: Operation, address: str, version: SoapVersion, action_header: str
) -> Sample:
    url = urlsplit(address)
    arguments = [(parameter.name, parameter.type_name) for parameter in operation.sample_parameters]
    result = [(operation.result_name, operation.result_type)]
    headers = f"Content-Type: {version.content_type}\nContent-Length: length\n"
    return Sample(
        title="SOAP 1.1" if version is SoapVersion.SOAP11 else "SOAP 1.2",
        request=f"POST {url.path} HTTP/1.1\nHost: {url.netloc}\n{headers}{action_header}\n"
        + _envelope(version, operation.name, table.namespace, arguments),
        response=f"HTTP/1.1 200 OK\n{headers}\n"
        + _envelope(version, operation.response_name, table.namespace, result),
    )


def _envelope(version: SoapVersion, name: str, namespace: str, values: Iterable[tuple[str, str]]) -> str:
    return _ENVELOPE.format(
        prefix="soap" if version is SoapVersion.SOAP11 else "soap12",
        envelope=version.envelope,
        name=name,
        namespace=escape_attribute(namespace),
        children="\n".join(f"      <{child}>{kind}</{child}>" for child, kind in values),
    )
