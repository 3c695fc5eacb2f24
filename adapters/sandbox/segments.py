"""How many SMS a text needs, and in which alphabet. Source: 3GPP TS 23.038 (GSM 03.38), 23.040.

Counted here on its own, not with the gateway's code: a second opinion.
"""

from enum import StrEnum
from typing import Final, NamedTuple

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM: Final = _BASIC | _EXTENDED
_LAST_OF_BMP: Final = "\uffff"


class Coding(StrEnum):
    """A set of characters, as v2 names it in its answers."""

    GSM = "GSM"
    UCS = "UCS"


class Measure(NamedTuple):
    """The alphabet that a text needs, and the number of SMS that it fills."""

    coding: Coding
    segments: int


_CAPACITY: Final = {
    # units (septets or UTF-16 units) in a lone SMS, and in each part of a long one
    Coding.GSM: (160, 153),
    Coding.UCS: (70, 67),
}


def measure(body: str) -> Measure:
    """Count the SMS that the body fills, in the smallest alphabet that can say it."""
    coding = Coding.GSM if _GSM.issuperset(body) else Coding.UCS
    alone, part = _CAPACITY[coding]
    widths = _widths(body, coding)
    return Measure(coding, 1 if sum(widths) <= alone else _count_parts(widths, part))


def _widths(body: str, coding: Coding) -> list[int]:
    if coding is Coding.GSM:
        return [2 if character in _EXTENDED else 1 for character in body]
    return [2 if character > _LAST_OF_BMP else 1 for character in body]


def _count_parts(widths: list[int], part: int) -> int:
    """Fill parts in turn; an escaped character or a surrogate pair is never cut in two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
