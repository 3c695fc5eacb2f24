"""The codec and Spyne's own Soap11, fed the same envelopes: every difference has a fact."""

import sys
import types
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from adapters.soap import codec
from adapters.soap.contract import SendSms
from tests.unit.soap.envelopes import DIFFERENT, NAMESPACE, TABLE, Envelope, envelopes

# Spyne 2.14 wants it for multipart bodies; Python 3.13 has it no more.
sys.modules.setdefault("cgi", types.ModuleType("cgi"))

from spyne import Application, MethodContext  # noqa: E402
from spyne.protocol.soap import Soap11  # noqa: E402
from spyne.server import ServerBase  # noqa: E402


class InProcess(ServerBase):  # type: ignore[misc]  # Spyne has no types
    transport = "none"


SPYNE = InProcess(Application([SendSms], tns=NAMESPACE, in_protocol=Soap11(), out_protocol=Soap11()))


def read_by_codec(envelope: Envelope) -> dict[str, str]:
    call = codec.parse(envelope.render(), content_type=content_type_of(envelope), soap_action='""', table=TABLE)
    assert call.operation.name == envelope.operation
    return dict(call.arguments)


def content_type_of(envelope: Envelope) -> str:
    return "application/soap+xml" if "soap12" in envelope.ways else "text/xml"


def read_by_spyne(envelope: Envelope) -> dict[str, str] | str:
    """The arguments, or what Spyne's fault says."""
    context: Any = MethodContext(SPYNE, MethodContext.SERVER)
    context.in_string = [envelope.render()]
    (context,) = SPYNE.generate_contexts(context)
    if context.in_error is None:
        SPYNE.get_in_object(context)
    if context.in_error is not None:
        return str(context.in_error.faultcode)
    declared = next(operation for operation in TABLE.operations if operation.name == envelope.operation).parameters
    values = {parameter.name: getattr(context.in_object, parameter.name, None) for parameter in declared}
    return {name: value for name, value in values.items() if value is not None}


@given(envelope=envelopes())
@settings(max_examples=1000, deadline=None)
def test_the_codec_reads_what_was_meant_and_spyne_differs_only_where_a_fact_says_so(envelope: Envelope) -> None:
    assert read_by_codec(envelope) == envelope.meaning()
    if not envelope.ways & set(DIFFERENT):
        assert read_by_spyne(envelope) == envelope.meaning()


@pytest.mark.parametrize("way", DIFFERENT)
def test_each_difference_is_still_one(way: str) -> None:
    envelope = Envelope(operation="balans", arguments={"konto": "ip1-1", "passwd": "å"}, ways=frozenset({way}))
    assert read_by_spyne(replace(envelope, ways=frozenset())) == envelope.arguments
    assert read_by_codec(envelope) == envelope.meaning()
    assert read_by_spyne(envelope) != envelope.meaning()
