"""The client against a server that answers whatever it likes."""

import asyncio
import gzip
import json
import zlib
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from gateway.domain import errors
from tests.raw_server import Answer, answer, find_closed_port, hang, hang_up, reset, run_raw_server, send_raw
from tests.unit.upstream.harness import BODY, NOW, PHONE, TOKEN, Counts, make_intent, open_upstream

ID = "5bc86b6e85c7d23a7c1e4d10"
CREATED = answer("201 Created", json.dumps({"id": ID}).encode())
HALF = send_raw(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"id":"5bc8')
NOT_HTTP = send_raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
FIRST = f"{int(NOW.timestamp()):08x}"


def make_id(place: int) -> str:
    return f"{int(NOW.timestamp()) - place:08x}{place:016x}"


def page(*places: int, link: str = "") -> Answer:
    body = json.dumps([{"id": make_id(place), "reference": f"ref-{place}"} for place in places]).encode()
    return answer("200 OK", body, *([f"Link: {link}"] if link else []))


async def test_a_batch_is_posted_as_v2_wants_it() -> None:
    async with run_raw_server(CREATED) as server, open_upstream(server.url) as upstream:
        accepted = await upstream.send_batch(make_intent(), token=TOKEN)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /v2/batches HTTP/1.1"
    assert b"Authorization: Bearer demo-token" in lines
    assert b"Content-Type: application/json" in lines
    assert msgspec.json.decode(body)["recipients"] == [PHONE]
    assert accepted.batch_id == ID


async def test_one_connection_serves_one_call_after_the_other() -> None:
    async with run_raw_server(CREATED) as server, open_upstream(server.url) as upstream:
        for _ in range(5):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert (len(server.requests), server.connections) == (5, 1)


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (reset, {}),
        (hang_up, {}),
        (hang, {"total_timeout_seconds": 0.3}),
        (HALF, {}),
        (NOT_HTTP, {}),
        (answer("201 Created", b"<html>created</html>"), {}),
        (answer("201 Created", b"{}"), {}),
        (answer("200 OK", b""), {}),
        (answer("201 Created", b'{"id":"5bc8","body":"' + b"x" * 5000 + b'"}'), {"max_answer_bytes": 4096}),
        (answer("500 Internal Server Error"), {}),
        (answer("502 Bad Gateway"), {}),
        (answer("303 See Other", b"", "Location: /v2/batches/5bc8"), {}),
    ],
    ids=[
        "reset",
        "hang-up",
        "time-out",
        "half",
        "no-http",
        "html",
        "no-id",
        "empty",
        "too-long",
        "500",
        "502",
        "303",
    ],
)
async def test_an_answer_that_is_lost_leaves_the_outcome_open_and_nothing_is_sent_again(
    given: Answer, settings: dict[str, float]
) -> None:
    counts = Counts()
    async with run_raw_server(given) as server, open_upstream(server.url, counts, **settings) as upstream:
        with pytest.raises(errors.OutcomeUnknown):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert len(server.requests) == 1
    assert counts.calls == [("send_batch", "OutcomeUnknown")]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_an_answer_that_comes_packed_though_nobody_asked_for_it_is_read(encoding: str) -> None:
    body = json.dumps({"id": ID}).encode()
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    given = answer("201 Created", packed, f"Content-Encoding: {encoding}")
    async with run_raw_server(given) as server, open_upstream(server.url) as upstream:
        assert (await upstream.send_batch(make_intent(), token=TOKEN)).batch_id == ID
    assert b"Accept-Encoding: identity\r\n" in server.requests[0]


@pytest.mark.parametrize("packed", [b"no gzip", gzip.compress(b" " * 100_000), gzip.compress(b"{}")[:-4]])
async def test_an_answer_that_cannot_be_unpacked_leaves_the_outcome_open(packed: bytes) -> None:
    given = answer("201 Created", packed, "Content-Encoding: gzip")
    async with run_raw_server(given) as server, open_upstream(server.url, max_answer_bytes=4096) as upstream:
        with pytest.raises(errors.OutcomeUnknown):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert len(server.requests) == 1


async def test_a_refusal_that_comes_packed_says_why() -> None:
    body = gzip.compress(b'{"errors":{"sender":["no"]}}')
    given = answer("400 Bad Request", body, "Content-Encoding: gzip")
    async with run_raw_server(given) as server, open_upstream(server.url) as upstream:
        with pytest.raises(errors.InvalidSender):
            await upstream.send_batch(make_intent(), token=TOKEN)


async def test_an_answer_that_its_caller_does_not_wait_for_is_lost() -> None:
    counts = Counts()
    async with run_raw_server(hang) as server, open_upstream(server.url, counts) as upstream:
        with pytest.raises(errors.OutcomeUnknown):
            await upstream.send_batch(make_intent(), token=TOKEN, within_seconds=0.1)
    assert len(server.requests) == 1
    assert counts.calls == [("send_batch", "OutcomeUnknown")]


async def test_a_stale_connection_does_not_make_a_post_go_twice() -> None:
    async with run_raw_server(CREATED, hang_up, CREATED) as server, open_upstream(server.url) as upstream:
        await upstream.send_batch(make_intent(), token=TOKEN)
        with pytest.raises(errors.OutcomeUnknown):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer("401 Unauthorized"), errors.TokenRefused),
        (answer("403 Forbidden"), errors.TokenRefused),
        (answer("402 Payment Required"), errors.InsufficientCredits),
        (answer("400 Bad Request", b'{"title":"no","errors":{"sender":["no"]}}'), errors.InvalidSender),
        (answer("422 Unprocessable Entity", b'{"errors":{"recipients":["no"]}}'), errors.InvalidRecipient),
        (answer("400 Bad Request", b'{"errors":{"body":["no"]}}'), errors.InvalidBody),
        (answer("400 Bad Request", b"x" * 100_000), errors.UpstreamRefused),
        (answer("415 Unsupported Media Type"), errors.UpstreamRefused),
        (answer("301 Moved Permanently", b"", "Location: http://127.0.0.1:9/v2/batches"), errors.UpstreamRefused),
    ],
)
async def test_a_refusal_is_its_own_error_and_is_not_tried_again(
    given: Answer, expected: type[errors.GatewayError]
) -> None:
    counts = Counts()
    async with (
        run_raw_server(given) as server,
        open_upstream(server.url, counts, max_answer_bytes=4096) as upstream,
    ):
        with pytest.raises(errors.GatewayError) as caught:
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert type(caught.value) is expected
    assert len(server.requests) == 1
    assert counts.calls == [("send_batch", expected.__name__)]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_what_surely_was_not_sent_is_sent_again(status: str) -> None:
    counts = Counts()
    async with (
        run_raw_server(answer(status), answer(status), CREATED) as server,
        open_upstream(server.url, counts) as upstream,
    ):
        accepted = await upstream.send_batch(make_intent(), token=TOKEN)
    assert accepted.batch_id == ID
    assert [outcome for _, outcome in counts.calls][-1] == "ok"
    assert len(server.requests) == len(counts.calls) == 3


async def test_repeats_are_bounded() -> None:
    async with (
        run_raw_server(answer("503 Service Unavailable")) as server,
        open_upstream(server.url, retries=3) as upstream,
    ):
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert len(server.requests) == 4


async def test_a_short_retry_after_is_waited_for_and_a_long_one_goes_up_at_once() -> None:
    soon = answer("429 Too Many Requests", b"", "Retry-After: 0")
    late = answer("429 Too Many Requests", b"", "Retry-After: 60")
    async with run_raw_server(soon, late, CREATED) as server, open_upstream(server.url) as upstream:
        with pytest.raises(errors.RateLimited) as caught:
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert caught.value.retry_after_seconds == 60.0
    assert len(server.requests) == 2


async def test_a_wait_beyond_the_total_time_is_not_begun() -> None:
    later = answer("503 Service Unavailable", b"", "Retry-After: 1")
    async with (
        run_raw_server(later, CREATED) as server,
        open_upstream(server.url, total_timeout_seconds=0.9) as upstream,
    ):
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert len(server.requests) == 1


async def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    counts = Counts()
    async with open_upstream(f"http://127.0.0.1:{find_closed_port()}", counts, retries=1) as upstream:
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert counts.calls == [("send_batch", "UpstreamUnavailable")] * 2


async def test_a_name_that_does_not_exist_means_that_nothing_was_sent() -> None:
    async with open_upstream("http://v2.invalid", retries=0) as upstream:
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.send_batch(make_intent(), token=TOKEN)


async def test_a_server_without_tls_means_that_nothing_was_sent() -> None:
    async with (
        run_raw_server(CREATED) as server,
        open_upstream(f"https://127.0.0.1:{server.port}", retries=0) as upstream,
    ):
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.send_batch(make_intent(), token=TOKEN)


async def test_waiting_too_long_for_a_free_connection_means_that_nothing_was_sent() -> None:
    limits: dict[str, Any] = {
        "pool_size": 1,
        "pool_timeout_seconds": 0.1,
        "connect_timeout_seconds": 0.1,
        "retries": 0,
    }
    async with run_raw_server(hang) as server, open_upstream(server.url, **limits) as upstream:
        blocking = asyncio.ensure_future(upstream.send_batch(make_intent(), token=TOKEN))
        await server.arrived.wait()
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.send_batch(make_intent(), token=TOKEN)
        blocking.cancel()
    assert len(server.requests) == 1


@pytest.mark.parametrize("token", ["", "two\r\nlines", "nøt-ascii", "nul\0"])
async def test_a_token_that_fits_no_header_is_refused_before_anything_is_sent(token: str) -> None:
    async with run_raw_server(CREATED) as server, open_upstream(server.url) as upstream:
        with pytest.raises(errors.TokenRefused) as caught:
            await upstream.send_batch(make_intent(), token=token)
    assert not server.requests
    assert not token or token not in str(caught.value)


async def test_no_token_text_or_number_gets_into_a_log() -> None:
    refusal = answer("400 Bad Request", f'{{"errors":{{"recipients":["{PHONE}: {BODY}"]}}}}'.encode())
    async with run_raw_server(refusal) as server, open_upstream(server.url) as upstream:
        with capture_logs() as logs, pytest.raises(errors.InvalidRecipient):
            await upstream.send_batch(make_intent(), token=TOKEN)
    assert logs
    assert PHONE not in str(logs)
    assert TOKEN not in str(logs)


async def test_a_cookie_of_one_account_does_not_reach_the_next() -> None:
    cookie = answer("201 Created", json.dumps({"id": ID}).encode(), "Set-Cookie: session=one; Path=/")
    async with run_raw_server(cookie) as server, open_upstream(server.url) as upstream:
        await upstream.send_batch(make_intent(), token=TOKEN)
        await upstream.send_batch(make_intent(), token="second")
    assert b"session=one" not in server.requests[1]


# ---- reading ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [reset, hang_up, HALF, NOT_HTTP, answer("200 OK", b"{}"), answer("500 Oh no")])
async def test_a_read_whose_answer_is_lost_is_made_again(given: Answer) -> None:
    balance = answer("200 OK", b'{"Account":"ip1-12345","Balance":12.5,"Currency":"SEK"}')
    async with run_raw_server(given, balance) as server, open_upstream(server.url) as upstream:
        assert (await upstream.fetch_balance(token=TOKEN)).amount == 12.5
    assert len(server.requests) == 2


@pytest.mark.parametrize("given", [reset, hang_up, HALF, NOT_HTTP, answer("200 OK", b"{}"), answer("500 Oh no")])
async def test_a_read_that_stays_lost_says_that_v2_is_unavailable(given: Answer) -> None:
    async with run_raw_server(given) as server, open_upstream(server.url, retries=0) as upstream:
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.fetch_balance(token=TOKEN)


async def test_batches_are_found_on_every_page() -> None:
    link = '<http://elsewhere.invalid/v2/batches?start=2>; rel="next"'
    async with (
        run_raw_server(page(1, 2, 3, link=link), page(3, 4, 5)) as server,
        open_upstream(server.url) as upstream,
    ):
        found = await upstream.find_batches({"ref-2", "ref-5"}, token=TOKEN, not_before=NOW)
    assert {reference: accepted.batch_id for reference, accepted in found.items()} == {
        "ref-2": make_id(2),
        "ref-5": make_id(5),
    }
    assert b"start=0&limit=100&order=DESC" in server.requests[0]
    assert b"start=2&limit=100&order=DESC" in server.requests[1]


async def test_a_scan_that_breaks_off_raises_and_never_says_absent() -> None:
    link = '<http://elsewhere.invalid/?start=2>; rel="next"'
    async with (
        run_raw_server(page(1, 2, 3, link=link), answer("500 Oh no")) as server,
        open_upstream(server.url, retries=0) as upstream,
    ):
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.find_batches({"ref-9"}, token=TOKEN, not_before=NOW)


async def test_all_pages_of_messages_are_read() -> None:
    def messages(*numbers: str) -> bytes:
        status = {"code": 201, "created": "2026-11-21T12:00:00Z"}
        return json.dumps(
            [{"id": number, "batchId": ID, "recipient": number, "statuses": [status]} for number in numbers]
        ).encode()

    first = answer("200 OK", messages("46701", "46702"), 'Link: <x> rel="next"')
    last = answer("200 OK", messages("46703"), 'Link: <x> rel="last"')
    async with run_raw_server(first, last) as server, open_upstream(server.url) as upstream:
        reports = await upstream.list_statuses(ID, token=TOKEN)
    assert [report.recipient for report in reports] == ["46701", "46702", "46703"]
    assert f"GET /v2/batches/{ID}/messages?start=2&limit=100&order=ASC".encode() in server.requests[1]


async def test_messages_that_never_end_are_read_no_further_than_a_batch_has_them() -> None:
    status = {"code": 201, "created": "2026-11-21T12:00:00Z"}
    messages = [
        {"id": f"m{n}", "batchId": ID, "recipient": f"4670{n:07}", "statuses": [status]} for n in range(100)
    ]
    same_again = answer("200 OK", json.dumps(messages).encode())
    async with run_raw_server(same_again) as server, open_upstream(server.url) as upstream:
        async with asyncio.timeout(10):
            await upstream.list_statuses(ID, token=TOKEN)
    assert len(server.requests) == 5


# ---- cancelling ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["404 Not Found", "409 Conflict"])
async def test_nothing_to_cancel_says_so(status: str) -> None:
    counts = Counts()
    async with run_raw_server(answer(status)) as server, open_upstream(server.url, counts) as upstream:
        with pytest.raises(errors.NothingScheduled):
            await upstream.cancel_batch(ID, token=TOKEN)
    assert counts.calls == [("cancel_batch", "NothingScheduled")]


@pytest.mark.parametrize("lost", [hang_up, reset, answer("500 Oh no")])
async def test_a_cancel_whose_answer_is_lost_is_looked_up_and_not_repeated(lost: Answer) -> None:
    canceled = answer("200 OK", json.dumps({"id": ID, "status": 203}).encode())
    async with run_raw_server(lost, canceled) as server, open_upstream(server.url) as upstream:
        await upstream.cancel_batch(ID, token=TOKEN)
    assert [request.split(b" ")[0] for request in server.requests] == [b"DELETE", b"GET"]


async def test_a_cancel_that_was_lost_and_did_nothing_stays_unknown() -> None:
    planned = answer("200 OK", json.dumps({"id": ID, "status": 101}).encode())
    async with run_raw_server(hang_up, planned) as server, open_upstream(server.url) as upstream:
        with pytest.raises(errors.OutcomeUnknown):
            await upstream.cancel_batch(ID, token=TOKEN)


# ---- pinging ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "404 Not Found", "500 Oh no"])
async def test_any_answer_to_a_ping_will_do(status: str) -> None:
    counts = Counts()
    async with run_raw_server(answer(status)) as server, open_upstream(server.url, counts) as upstream:
        await upstream.ping()
    assert b"authorization" not in server.requests[0].lower()
    assert counts.calls == [("ping", "ok")]


async def test_a_ping_that_nobody_answers_fails() -> None:
    async with open_upstream(f"http://127.0.0.1:{find_closed_port()}", retries=0) as upstream:
        with pytest.raises(errors.UpstreamUnavailable):
            await upstream.ping()
