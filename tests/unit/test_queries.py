"""How queries and forms become text by name, whichever interface asks."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import queries
from gateway.domain.errors import BadParameter

MULTIPART = "multipart/form-data; boundary=x"


def part(name: str, value: str) -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


@pytest.mark.parametrize(
    "written", [b"konto=1", b"KONTO=1", b"%6Bonto=1", b"%u006BON%54O=1", b"konto%00=1", b"wsdl&konto=1&=2"]
)
def test_a_name_is_found_however_it_is_written(written: bytes) -> None:
    # asmx-facts 2.39
    assert queries.parse(written)["konto"] == "1"


def test_names_have_letters_in_any_encoding() -> None:
    names = queries.parse(b"l%F6senord=1&avs%C3%A4ndare=2&fr%u00E5n=3&%C4MNE=4")
    assert list(names) == ["lösenord", "avsändare", "från", "ämne"]


def test_values_of_a_repeated_name_are_joined_and_each_is_read_by_itself() -> None:
    # asmx-facts 2.39
    assert queries.parse(b"to=%E5&x=&TO=%C3%A5&to=") == {"to": "å,å,", "x": ""}


@pytest.mark.parametrize(
    ("value", "codec", "text"),
    [
        (b"Hej", "utf-16", "Hej"),
        (b"%C3%A5", None, "å"),
        (b"\xc3\xa5", None, "å"),
        (b"\xe5", None, "å"),
        (b"%C3%A5", "cp1252", "Ã¥"),
        (b"%A4", "iso8859-15", "€"),
        (b"H\0ej%00", None, "Hej"),
    ],
)
def test_a_value_is_read_by_its_charset(value: bytes, codec: str | None, text: str) -> None:
    # asmx-facts 1.12, 2.49
    assert queries.parse(b"x=" + value, codec) == {"x": text}


def test_a_name_longer_than_any_is_nobodys() -> None:
    long = b"a" * 201
    assert "to" not in queries.parse(long + b"to=1&to" + long + b"=2")


@pytest.mark.parametrize("query", [b"wsdl", b"WSDL&x=1", b"x=1&%77sdl", b"disco&wsdl"])
def test_a_keyword_stands_without_a_value(query: bytes) -> None:
    # asmx-facts 2.9, 2.39
    assert "wsdl" in queries.parse_keywords(query)
    assert "wsdl" not in queries.parse(query)


def test_a_name_with_a_value_is_no_keyword() -> None:
    assert queries.parse_keywords(b"wsdl=&disco=1&=&") == {""}


def test_a_multipart_form_is_read_as_it_stands() -> None:
    text = "100%25 a+b&c=d %u20AC\r\n"
    body = part("to", "1") + part("msg", text) + part("to", "2") + part("a=b", "å") + b"--x--"
    assert queries.parse_form(body, MULTIPART) == {"to": "1,2", "msg": text, "a=b": "å"}


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/json", "multipart/form-data"])
def test_a_body_that_is_no_form_has_no_values(content_type: str | None) -> None:
    assert queries.parse_form(b"to=1", content_type) == {}


def test_the_charset_that_a_form_names_goes_before_the_one_it_is_read_with() -> None:
    assert queries.parse_form(b"x=%C3%A5", queries.FORM, "cp1252") == {"x": "Ã¥"}
    assert queries.parse_form(b"x=%C3%A5", f"{queries.FORM}; charset=utf-8", "cp1252") == {"x": "å"}


@pytest.mark.parametrize("body", [b"&" * 4000, b"x=1&" * 4000])
def test_more_parameters_than_the_platform_took_are_refused(body: bytes) -> None:
    for read in (queries.parse, queries.parse_keywords):
        with pytest.raises(BadParameter, match="more than 1000 parameters"):
            read(body)
    with pytest.raises(BadParameter, match="more than 1000 parameters"):
        queries.parse_form(part("x", "1") * 4000, MULTIPART)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0")).filter(lambda text: "--x" not in text)


@given(st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), TEXTS))
def test_a_query_and_both_kinds_of_form_say_the_same(values: dict[str, str]) -> None:
    urlencoded = urlencode(values).encode()
    assert queries.parse(urlencoded) == values
    assert queries.parse_form(urlencoded + b"\r\n", queries.FORM) == values
    multipart = b"".join(part(name, value) for name, value in values.items())
    assert queries.parse_form(multipart + b"--x--", MULTIPART) == values
