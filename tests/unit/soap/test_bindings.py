"""The HTTP GET and POST bindings over a real socket."""

import pytest
from aiohttp import ClientSession
from yarl import URL

from adapters.soap.settings import SoapSettings
from tests.unit.soap.conftest import Gateway, StartGateway

QUERY = "konto=ip1-12345&passwd=demo-key&till=46700000001&from=Butik&meddelande=Hej+%C3%A5&prio=2"
ID = '<?xml version="1.0" encoding="utf-8"?>\r\n<string xmlns="http://tempuri.org/">42500000</string>'

OTHER_CASE = (
    "Invalid method name 'SMS',  method names are case sensitive.   "
    "The method name 'sms' with the same name but different casing was found.\r\nParameter name: methodName"
)


@pytest.fixture
async def bound(start_gateway: StartGateway) -> Gateway:
    return await start_gateway(SoapSettings(http_bindings=True))


async def exchange(
    gateway: Gateway, method: str, tail: str, body: bytes = b"", content_type: str = ""
) -> tuple[int, str, str]:
    """Status, content type and text of one call."""
    url = URL(gateway.url + tail, encoded=True)
    headers = {"Content-Type": content_type} if content_type else {}
    async with (
        ClientSession(skip_auto_headers=["Content-Type"]) as session,
        session.request(method, url, data=body or None, headers=headers) as response,
    ):
        return response.status, response.headers.get("Content-Type", ""), await response.text("utf-8")


async def test_a_query_sends_a_message(bound: Gateway) -> None:
    # asmx-facts 2.33
    assert await exchange(bound, "GET", f"/sms?{QUERY}") == (200, "text/xml; charset=utf-8", ID)
    assert [order.body for order in bound.service.orders] == ["Hej å"]


async def test_a_form_sends_a_message_and_its_charset_is_honoured(bound: Gateway) -> None:
    form = QUERY.replace("%C3%A5", "%E5").encode()
    content_type = "application/x-www-form-urlencoded; charset=iso-8859-1"
    assert await exchange(bound, "POST", "/sms", form, content_type) == (200, "text/xml; charset=utf-8", ID)
    assert [order.body for order in bound.service.orders] == ["Hej å"]


async def test_escapes_are_those_of_the_platform(bound: Gateway) -> None:
    # asmx-facts 2.39
    await exchange(bound, "GET", f"/sms?{QUERY}&Meddelande=%u20AC%uD83D%uDE00+%E5+100%25+%zz")
    assert [order.body for order in bound.service.orders] == ["Hej å,€\N{GRINNING FACE} å 100% %zz"]


async def test_a_line_break_after_a_form_is_not_part_of_it(bound: Gateway) -> None:
    form = f"{QUERY.replace('prio=2', 'prio=')}&meddelande=Hej\r\n".encode()
    await exchange(bound, "POST", "/sms", form, "application/x-www-form-urlencoded")
    assert [order.body for order in bound.service.orders] == ["Hej å,Hej"]


async def test_more_parameters_than_the_platform_took_are_refused(bound: Gateway) -> None:
    answer = await exchange(bound, "GET", f"/sms?{QUERY}{'&till=4' * 1000}")
    assert answer == (200, "text/xml; charset=utf-8", ID.replace("42500000", "110"))
    assert bound.service.orders == []


async def test_a_form_does_not_read_the_query(bound: Gateway) -> None:
    # asmx-facts 2.34
    answer = await exchange(bound, "POST", f"/sms?{QUERY}", b"konto=x", "application/x-www-form-urlencoded")
    assert answer == (500, "text/plain; charset=utf-8", "Missing parameter: passwd.\r\n")


async def test_a_code_stands_in_the_id_s_place(bound: Gateway) -> None:
    answer = await exchange(bound, "GET", f"/sms?{QUERY}".replace("demo-key", "wrong"))
    assert answer == (200, "text/xml; charset=utf-8", ID.replace("42500000", "101"))


@pytest.mark.parametrize(
    ("method", "tail", "content_type", "problem"),
    [
        (
            "GET",
            f"/SMS?{QUERY}",
            "",
            OTHER_CASE,
        ),
        ("GET", "/foo", "", "foo Web Service method name is not valid."),
        ("GET", "/%3Cb%3E", "", "&lt;b&gt; Web Service method name is not valid."),
        ("GET", "/sms?passwd=x", "", "Missing parameter: konto."),
        (
            "POST",
            "/sms",
            "multipart/form-data; boundary=x",
            "Request format is invalid: multipart/form-data; boundary=x.",
        ),
        ("POST", "/sms", "", "Request format is invalid: ."),
    ],
)
async def test_a_request_that_is_no_call_is_told_so_in_plain_text(
    bound: Gateway, method: str, tail: str, content_type: str, problem: str
) -> None:
    # asmx-facts 2.34, 2.35
    answer = await exchange(bound, method, tail, b"x=1" if method == "POST" else b"", content_type)
    assert answer == (500, "text/plain; charset=utf-8", f"{problem}\r\n")


async def test_names_of_parameters_have_no_case_and_doubles_are_joined(bound: Gateway) -> None:
    # asmx-facts 2.35
    await exchange(bound, "GET", f"/sms?{QUERY}&TILL=46700000002".replace("konto", "KONTO"))
    assert [order.recipients for order in bound.service.orders] == [("46700000001", "46700000002")]


async def test_other_verbs_are_not_recognized(bound: Gateway) -> None:
    status, content_type, page = await exchange(bound, "PUT", "/sms")
    assert (status, content_type) == (500, "text/html; charset=utf-8")
    assert "Request format is unrecognized for URL unexpectedly ending in &#39;/sms&#39;." in page


async def test_the_bindings_are_off_unless_switched_on(gateway: Gateway) -> None:
    # asmx-facts 2.31, 2.32
    status, content_type, page = await exchange(gateway, "GET", f"/sms?{QUERY}")
    assert (status, content_type) == (500, "text/html; charset=utf-8")
    assert "Request format is unrecognized for URL unexpectedly ending in &#39;/sms&#39;." in page
    assert gateway.service.orders == []


async def test_a_refusal_is_counted_as_the_caller_s(gateway: Gateway) -> None:
    await exchange(gateway, "GET", "/sms")
    assert [outcome for _, _, outcome in gateway.service.metrics.calls] == ["missing_or_bad_parameter"]
