"""How bytes become text."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import charsets


@pytest.mark.parametrize(
    ("content_type", "codec"),
    [
        ("text/xml; charset=utf-8", "utf-8"),
        ('text/xml;Charset="ISO-8859-1"; x=y', "cp1252"),
        ("text/xml; charset = 'UTF-16'", "utf-16"),
        ("application/json; utf8", None),
        ("text/xml; charset=zip", None),
        ("text/xml; charset=", None),
        ("text/xml", None),
        (None, None),
    ],
)
def test_the_charset_of_a_content_type_is_found(content_type: str | None, codec: str | None) -> None:
    assert charsets.codec_of(content_type) == codec


def test_every_name_in_the_table_is_a_codec() -> None:
    assert all("Hej 1".encode(codec).decode(codec) == "Hej 1" for codec in charsets.CODEC_BY_CHARSET.values())


@pytest.mark.parametrize("charset", ["ISO_8859-1", "latin1", "Windows-1252", "iso-8859-15", "IBM850", "macintosh"])
def test_a_charset_of_old_programs_is_known_however_it_is_written(charset: str) -> None:
    codec = charsets.codec_named(charset)
    assert codec is not None
    assert charsets.decode("åäö".encode(codec), codec) == "åäö"


@pytest.mark.parametrize("charset", [None, "", "us-ascii", "zip", "idna", "punycode", "rot13", "utf-8\x00", "é"])
def test_what_is_no_charset_of_a_text_is_as_good_as_none(charset: str | None) -> None:
    assert charsets.codec_named(charset) is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_obeyed_and_dropped(encoding: str) -> None:
    raw = "å".encode(encoding)
    assert charsets.decode(raw, charsets.codec_of_mark(raw)) == "å"
    assert charsets.codec_of_mark(codecs.BOM_UTF16_BE + b"\0a") == "utf-16"
    assert charsets.codec_of_mark(b"a") is None


@pytest.mark.parametrize(
    ("raw", "codec", "text"),
    [
        ("å".encode(), None, "å"),
        ("å".encode("cp1252"), None, "å"),
        ("å".encode("cp1252"), "utf-8", "å"),
        ("å".encode(), "cp1252", "Ã¥"),
        ("å".encode(), "utf-16", "ꗃ"),
        (b"\xe5", "utf-16", "å"),
        (b"\x80\x81", None, "€\x81"),
    ],
)
def test_what_does_not_fit_the_declared_charset_is_read_all_the_same(raw: bytes, codec: str, text: str) -> None:
    assert charsets.decode(raw, codec) == text


@given(st.binary(), st.sampled_from([None, *charsets.CODEC_BY_CHARSET.values()]))
def test_no_bytes_are_refused(raw: bytes, codec: str | None) -> None:
    assert isinstance(charsets.decode(raw, codec), str)


@given(st.binary())
def test_no_byte_is_lost(raw: bytes) -> None:
    assert (charsets.decode(raw) == "") == (raw == b"")
    assert "\N{REPLACEMENT CHARACTER}" not in charsets.decode(raw) or b"\xef\xbf\xbd" in raw
