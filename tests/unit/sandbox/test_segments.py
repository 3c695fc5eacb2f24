"""How many SMS a text fills."""

import pytest

from adapters.sandbox.segments import Coding, measure

TEXTS: list[tuple[str, Coding, int]] = [
    ("x" * 160, Coding.GSM, 1),
    ("x" * 161, Coding.GSM, 2),
    ("x" * 306, Coding.GSM, 2),
    ("x" * 307, Coding.GSM, 3),
    ("åäöÅÄÖéñ@£§", Coding.GSM, 1),
    ("€" * 80, Coding.GSM, 1),
    ("€" * 81, Coding.GSM, 2),
    ("€" * 153, Coding.GSM, 3),  # 76 escaped pairs in 153 septets: none is cut
    ("x" * 152 + "€" + "x" * 152, Coding.GSM, 3),
    ("ç", Coding.UCS, 1),  # the capital is in the alphabet, the small letter is not
    ("ж" * 70, Coding.UCS, 1),
    ("ж" * 71, Coding.UCS, 2),
    ("ж" * 134, Coding.UCS, 2),
    ("ж" * 135, Coding.UCS, 3),
    ("😀" * 35, Coding.UCS, 1),
    ("😀" * 36, Coding.UCS, 2),
    ("😀" * 67, Coding.UCS, 3),  # 33 pairs in 67 units: none is cut
]


@pytest.mark.parametrize(("body", "coding", "segments"), TEXTS)
def test_a_text_fills_so_many_sms(body: str, coding: Coding, segments: int) -> None:
    assert measure(body) == (coding, segments)
