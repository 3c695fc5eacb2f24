"""Segments, checked against the examples of 3GPP TS 23.038 and TS 23.040."""

import pytest

from gateway.domain.coding import DataCoding, choose_coding, count_segments


@pytest.mark.parametrize(
    ("body", "coding", "segments"),
    [
        ("a" * 160, DataCoding.GSM7, 1),
        ("a" * 161, DataCoding.GSM7, 2),
        ("a" * 306, DataCoding.GSM7, 2),
        ("a" * 307, DataCoding.GSM7, 3),
        ("å" * 160, DataCoding.GSM7, 1),
        ("€" * 80, DataCoding.GSM7, 1),
        ("€" * 81, DataCoding.GSM7, 2),
        # 152 septets are taken; the escape pair of € does not fit the one that is left.
        ("a" * 152 + "€" + "a" * 152, DataCoding.GSM7, 3),
        ("a" * 151 + "€" + "a" * 153, DataCoding.GSM7, 2),
        ("č" * 70, DataCoding.UCS2, 1),
        ("č" * 71, DataCoding.UCS2, 2),
        ("č" * 134, DataCoding.UCS2, 2),
        ("č" * 135, DataCoding.UCS2, 3),
        ("😀" * 35, DataCoding.UCS2, 1),
        ("😀" * 36, DataCoding.UCS2, 2),
        # 66 units are taken; the surrogate pair moves whole to the next segment.
        ("č" * 66 + "😀" + "č" * 66, DataCoding.UCS2, 3),
        ("", DataCoding.GSM7, 1),
        ("\u000c^{}\\[~]|", DataCoding.GSM7, 1),
        ("ç", DataCoding.UCS2, 1),
        ("Ç", DataCoding.GSM7, 1),
    ],
)
def test_a_text_is_billed_as_the_standard_packs_it(body: str, coding: DataCoding, segments: int) -> None:
    assert choose_coding(body) is coding
    assert count_segments(body) == segments
