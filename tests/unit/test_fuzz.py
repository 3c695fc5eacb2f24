"""Any bytes at all, to each of the decoders."""

import base64
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests import transcripts
from tests.fuzz import decoders, mutation


def bodies(interface: str) -> st.SearchStrategy[bytes]:
    """Noise, and damaged bodies of the captured requests."""
    captured = [vector.request.partition(b"\r\n\r\n")[2] for vector in transcripts.load(interface)]
    return st.binary() | damaged([body for body in captured if body])


def queries() -> st.SearchStrategy[bytes]:
    targets = [vector.request.split(b" ")[1] for vector in transcripts.load("aspx")]
    return st.binary() | damaged([target.partition(b"?")[2] for target in targets])


def connections() -> st.SearchStrategy[bytes]:
    """Captured requests one after the other, some of them damaged."""
    whole = [vector.request for interface in ("aspx", "rest", "soap") for vector in transcripts.load(interface)]
    return st.lists(st.sampled_from(whole) | damaged(whole), max_size=4).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    return mutation.mutate(draw(st.sampled_from(originals)), Random(draw(st.integers(0, 2**32))))


# Found by atheris.
SOAP_BASE64_NUL = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><sms><konto>a</konto><passwd>b</passwd>'
    b'<till>46700000001</till><meddelande type="base64">SGVqAA==</meddelande></sms></s:Body></s:Envelope>'
)
CHARSETS = st.sampled_from(
    ["", "utf-8", "iso-8859-1", "UTF-16", "utf-7", "idna", "rot13", "zlib", '"', "\x00", "é"]
)
CONTENT_TYPES = st.none() | st.builds(
    "{}; charset={}{}".format,
    st.sampled_from(
        [
            "text/xml",
            "application/soap+xml",
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ]
    ),
    CHARSETS,
    st.sampled_from(["", "; action=x", "; boundary=x", "; boundary=", '; boundary="--']),
)
HEADERS = st.none() | st.text(st.characters(max_codepoint=0xFF)) | st.text(st.characters(categories=["Cs"]))
unhurried = settings(deadline=None, max_examples=300)


@unhurried
@given(bodies("soap"), CONTENT_TYPES, HEADERS)
@example(b'<a xmlns="&#xD800;"/>', "text/xml", '""')
@example(SOAP_BASE64_NUL, "text/xml", '""')
def test_soap_is_read_or_refused(body: bytes, content_type: str | None, action: str | None) -> None:
    decoders.decode_soap(body, content_type, action)


@unhurried
@given(queries(), bodies("aspx"), CONTENT_TYPES)
@example(b"acc=%ud800&pass=%udc00&to=%00&msg=%ud83d%ude00%ud83d", b"", None)
def test_a_query_or_form_is_read_or_refused(query: bytes, body: bytes, content_type: str | None) -> None:
    decoders.decode_query(query, body, content_type)


@unhurried
@given(bodies("rest"), CONTENT_TYPES, HEADERS | st.builds(lambda raw: f"Basic {raw}", HEADERS), queries())
@example(b'{"From": "\\ud800", "Numbers": ["\\u0000"], "Message": "\\udc00"}', "application/json", "Basic 6Q", b"")
def test_rest_is_read_or_refused(
    body: bytes, content_type: str | None, authorization: str | None, query: bytes
) -> None:
    decoders.decode_rest(body, content_type, authorization, query)


@unhurried
@given(st.binary())
def test_any_basic_credentials_are_read_or_refused(raw: bytes) -> None:
    decoders.decode_rest(b"", None, f"Basic {base64.b64encode(raw).decode()}", b"")


@unhurried
@given(st.binary() | connections(), st.integers(1, 100))
def test_request_lines_do_not_depend_on_how_bytes_arrive(sent: bytes, size: int) -> None:
    decoders.decode_lines(sent, size)


@unhurried
@given(
    st.binary() | st.builds(lambda raw: b"\x1f\x8b\x08" + raw, st.binary()), st.sampled_from(["gzip", "deflate"])
)
def test_packed_bodies_are_unpacked_or_refused(body: bytes, encoding: str) -> None:
    decoders.decode_packed(body, encoding)
