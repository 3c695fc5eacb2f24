"""`[status]`: single cells of the status tables."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from gateway.config.sections import Section


class LegacyRowOverride(Section):
    """Cells of one row of the table of legacy codes."""

    text: str | None = Field(default=None, description="The text that describes the code.")
    final: bool | None = Field(default=None, description="Whether the message will not change any more.")
    retry: bool | None = Field(default=None, description="Whether sending again may help.")
    rest: bool | None = Field(default=None, description="Whether REST 1.0 shows the code.")


def _check_code(value: object) -> object:
    if value != "previous" and not (isinstance(value, int) and not isinstance(value, bool)):
        raise ValueError('must be a legacy status code, or "previous" for the status before it')
    return value


LegacyCode = Annotated[Any, AfterValidator(_check_code)]


class MessageRowOverride(Section):
    """Cells of one row of the tables from v2's statuses to legacy codes."""

    soap: LegacyCode = Field(default=None, description="The code that SOAP and ASPX show.")
    rest: LegacyCode = Field(default=None, description="The code that REST 1.0 shows.")


class SendRowOverride(Section):
    """Cells of one row of the table of what a caller gets when a call fails."""

    soap: int | None = Field(default=None, description="The code that SOAP and ASPX answer.")
    rest_http: Annotated[int, Field(ge=400, le=599)] | None = Field(default=None, description="REST 1.0's status.")
    message: int | None = Field(default=None, description="The v2 status that one recipient of several shows.")


class StatusOverrides(Section):
    """Single cells of the status tables, in the shape of gateway/domain/status-codes.toml."""

    legacy: Mapping[str, LegacyRowOverride] = Field(
        default_factory=dict, description="Legacy codes and their texts.", examples=[{"50": {"text": "Failed"}}]
    )
    message: Mapping[str, MessageRowOverride] = Field(
        default_factory=dict,
        description="The legacy codes shown for a v2 status.",
        examples=[{"202": {"soap": 52, "rest": 52}}],
    )
    message_group_fallback: Mapping[str, MessageRowOverride] = Field(
        default_factory=dict,
        description="The same for v2 statuses without a row, by group.",
        examples=[{"5xx": {"soap": 50}}],
    )
    send: Mapping[str, SendRowOverride] = Field(
        default_factory=dict,
        description="What a caller gets when a call fails.",
        examples=[{"upstream_unavailable": {"soap": 50}}],
    )
