"""Data coding and segments of a text, by 3GPP TS 23.038.

One SMS carries 140 octets: 160 septets of the GSM 7-bit alphabet or 70 UTF-16 units. A longer text is split
into segments that lose six octets to the concatenation header (TS 23.040, 9.2.3.24.1): 153 septets or 67 units.
Neither an escape pair nor a surrogate pair may be split over two segments.
"""

import math
import re
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")


class DataCoding(StrEnum):
    """The alphabet of a text, spelled as REST 1.0's `Encoding` spells it."""

    GSM7 = "GSM7"
    UCS2 = "UCS2"


GSM7, UCS2 = DataCoding


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one SMS and one segment of several carry: septets for GSM7, UTF-16 units for UCS2."""

    single: int
    segment: int


CAPACITY_BY_CODING = {
    GSM7: Capacity(single=160, segment=153),
    UCS2: Capacity(single=70, segment=67),
}


def _any_of(characters: frozenset[str]) -> str:
    return f"[{re.escape(''.join(sorted(characters)))}]"


_GSM7_TEXT = re.compile(f"{_any_of(GSM7_BASIC | GSM7_EXTENDED)}*")
_PAIRS_BY_CODING = {
    GSM7: re.compile(_any_of(GSM7_EXTENDED)),
    UCS2: re.compile("[\U00010000-\U0010ffff]"),
}
"""The characters that count twice: an escape pair, or a surrogate pair."""


def choose_coding(body: str) -> DataCoding:
    """The smallest data coding that can carry the text."""
    return GSM7 if _GSM7_TEXT.fullmatch(body) else UCS2


def count_segments(body: str, coding: DataCoding | None = None) -> int:
    """How many SMS the text is billed as, in the `coding` chosen for it; an empty text is one."""
    coding = coding or choose_coding(body)
    capacity = CAPACITY_BY_CODING[coding]
    if 2 * len(body) <= capacity.single:
        return 1  # whatever characters count twice
    pairs = _PAIRS_BY_CODING[coding].findall(body)
    units = len(body) + len(pairs)
    if units <= capacity.single:
        return 1
    return _pack(body, frozenset(pairs), capacity.segment) if pairs else math.ceil(units / capacity.segment)


def _pack(body: str, pairs: Container[str], room: int) -> int:
    segments, used = 1, 0
    for character in body:
        size = 2 if character in pairs else 1
        if used + size > room:
            segments, used = segments + 1, 0
        used += size
    return segments
