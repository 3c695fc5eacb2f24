"""Data coding and segments of a text, by 3GPP TS 23.038.

One SMS carries 140 octets: 160 septets of the GSM 7-bit alphabet or 70 UTF-16 units. A longer text is split
into segments that lose six octets to the concatenation header (TS 23.040, 9.2.3.24.1): 153 septets or 67 units.
Neither an escape pair nor a surrogate pair may be split over two segments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM7 = GSM7_BASIC | GSM7_EXTENDED


class DataCoding(StrEnum):
    """The alphabet of a text, spelled as REST 1.0's `Encoding` spells it."""

    GSM7 = "GSM7"
    UCS2 = "UCS2"


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one SMS and one segment of several carry: septets for GSM7, UTF-16 units for UCS2."""

    single: int
    segment: int


CAPACITY_BY_CODING = {
    DataCoding.GSM7: Capacity(single=160, segment=153),
    DataCoding.UCS2: Capacity(single=70, segment=67),
}


def choose_coding(body: str) -> DataCoding:
    """The smallest data coding that can carry the text."""
    return DataCoding.GSM7 if _GSM7.issuperset(body) else DataCoding.UCS2


def count_segments(body: str) -> int:
    """How many SMS the text is billed as; an empty text is one."""
    coding = choose_coding(body)
    capacity = CAPACITY_BY_CODING[coding]
    if 2 * len(body) <= capacity.single:
        return 1  # whatever its characters are
    sizes = list(map(_SIZE_BY_CODING[coding], body))
    return 1 if sum(sizes) <= capacity.single else _pack(sizes, capacity.segment)


def _septets(character: str) -> int:
    return 2 if character in GSM7_EXTENDED else 1


def _utf16_units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


_SIZE_BY_CODING = {DataCoding.GSM7: _septets, DataCoding.UCS2: _utf16_units}


def _pack(sizes: Iterable[int], room: int) -> int:
    segments, used = 1, 0
    for size in sizes:
        if used + size > room:
            segments, used = segments + 1, 0
        used += size
    return segments
