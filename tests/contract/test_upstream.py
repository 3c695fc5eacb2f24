"""What every `gateway.ports.Upstream` does: the stand-in in memory, and the real client against the sandbox."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from adapters.sandbox.app import build_sandbox
from adapters.sandbox.faults import Fault, Kind
from adapters.sandbox.keys import SANDBOX
from adapters.upstream.client import HttpUpstream
from adapters.upstream.settings import UpstreamSettings
from gateway.domain import errors
from gateway.domain.intent import Intent, OutcomeKind
from gateway.domain.sms import Interface, Priority
from gateway.domain.status import ACCEPTED, CANCELED
from gateway.ports import Metrics, Upstream
from gateway.testing import FakeUpstream, FixedClock

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOKENS = {"demo-token": "ip1-12345", "other-token": "ip1-67890"}
TOKEN, OTHER_TOKEN = TOKENS
PHONE, OTHER_PHONE = "46701234567", "46701234568"
LONG_AGO = NOW - timedelta(days=30)
NEVER_MOVES = 3600.0
INCOMING_URL = "https://sms.example.com/callbacks/secret/incoming"


class NotCounted:
    def upstream_call(self, call: str, outcome: str, seconds: float) -> None:
        """Nobody looks at it here."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An upstream, and a way to have its next send carried out without an answer."""

    upstream: Upstream
    lose_answer: Callable[[], None]


@pytest.fixture(params=["fake", "http"])
async def scene(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Scene]:
    if request.param == "fake":
        fake = FakeUpstream(clock=clock, tokens=TOKENS)
        yield Scene(upstream=fake, lose_answer=fake.lose_answers)
        return
    sandbox = build_sandbox(tokens=TOKENS, tempo_seconds=NEVER_MOVES, clock=clock.now)
    drop = Fault(kind=Kind.ACCEPT_THEN_DROP, count=1, method="POST")
    async with TestServer(sandbox, host="127.0.0.1") as server:
        settings = UpstreamSettings(base_url=str(server.make_url("/")))
        async with HttpUpstream(settings, metrics=cast("Metrics", NotCounted())) as client:
            yield Scene(upstream=client, lose_answer=lambda: sandbox[SANDBOX].faults.arm([drop]))


@pytest.fixture
def upstream(scene: Scene) -> Upstream:
    return scene.upstream


def make_intent(number: int = 1, *recipients: str, **changes: Any) -> Intent:
    first_id = 42_500_000 + number
    usual: dict[str, Any] = {
        "id": first_id,
        "bundle_id": None,
        "account_id": "ip1-12345",
        "interface": Interface.REST,
        "sender": "iP1",
        "body": "Hej då, €5 😀 {name}",
        "priority": Priority.NORMAL,
        "created_at": NOW,
        "reference": f"sgw-0123abcd-{first_id}",
        "numbers": recipients or (PHONE,),
    }
    return Intent(**usual | changes)


async def send(upstream: Upstream, intent: Intent) -> str:
    """Have v2 accept an intent; its batch's id."""
    accepted = await upstream.send_batch(intent, token=TOKEN)
    assert accepted.kind is OutcomeKind.ACCEPTED
    assert accepted.batch_id
    return accepted.batch_id


async def test_a_batch_that_was_sent_is_found_by_its_reference(upstream: Upstream) -> None:
    intent = make_intent()
    batch_id = await send(upstream, intent)
    found = await upstream.find_batches({intent.reference, "absent"}, token=TOKEN, not_before=NOW)
    assert {reference: batch.batch_id for reference, batch in found.items()} == {intent.reference: batch_id}


async def test_an_acceptance_tells_price_and_currency(upstream: Upstream) -> None:
    accepted = await upstream.send_batch(make_intent(), token=TOKEN)
    assert accepted.price
    assert accepted.currency == "SEK"


async def test_every_message_of_a_batch_has_a_status(upstream: Upstream) -> None:
    intent = make_intent(1, PHONE, OTHER_PHONE)
    batch_id = await send(upstream, intent)
    reports = await upstream.list_statuses(batch_id, token=TOKEN)
    assert [report.recipient for report in reports] == [PHONE, OTHER_PHONE]
    assert {report.status.code for report in reports} == {ACCEPTED}
    assert {(report.batch_id, report.reference) for report in reports} == {(batch_id, intent.reference)}
    assert len({report.message_id for report in reports}) == 2
    assert all(report.price and report.segments and report.currency for report in reports)


async def test_500_recipients_all_have_a_status(upstream: Upstream) -> None:
    numbers = [str(46_701_000_000 + place * 10 + 1) for place in range(500)]
    batch_id = await send(upstream, make_intent(1, *numbers))
    reports = await upstream.list_statuses(batch_id, token=TOKEN)
    assert [report.recipient for report in reports] == numbers


async def test_templating_is_accepted(upstream: Upstream) -> None:
    values = {PHONE: {"name": "Åsa"}, "default": {"name": "du"}}
    batch_id = await send(upstream, make_intent(1, PHONE, OTHER_PHONE, values=values))
    assert len(await upstream.list_statuses(batch_id, token=TOKEN)) == 2


async def test_a_reference_is_found_among_hundreds(upstream: Upstream, clock: FixedClock) -> None:
    oldest = make_intent(1)
    batch_id = await send(upstream, oldest)
    for number in range(2, 232):
        clock.advance(1)
        await upstream.send_batch(make_intent(number), token=TOKEN)
    found = await upstream.find_batches({oldest.reference}, token=TOKEN, not_before=NOW)
    assert found[oldest.reference].batch_id == batch_id


async def test_a_batch_of_another_account_is_not_found(upstream: Upstream) -> None:
    intent = make_intent()
    await upstream.send_batch(intent, token=TOKEN)
    assert not await upstream.find_batches({intent.reference}, token=OTHER_TOKEN, not_before=LONG_AGO)


async def test_nothing_is_found_where_nothing_was_sent(upstream: Upstream) -> None:
    assert not await upstream.find_batches({"absent"}, token=TOKEN, not_before=LONG_AGO)


async def test_a_send_whose_answer_was_lost_is_unknown_and_found_once(scene: Scene) -> None:
    intent = make_intent()
    scene.lose_answer()
    with pytest.raises(errors.OutcomeUnknown):
        await scene.upstream.send_batch(intent, token=TOKEN)
    found = await scene.upstream.find_batches({intent.reference}, token=TOKEN, not_before=NOW)
    batch_id = found[intent.reference].batch_id
    assert batch_id
    reports = await scene.upstream.list_statuses(batch_id, token=TOKEN)
    assert [report.recipient for report in reports] == [PHONE]


async def test_a_scheduled_batch_can_be_canceled_once(upstream: Upstream) -> None:
    batch_id = await send(upstream, make_intent(opens_at=NOW + timedelta(hours=2)))
    await upstream.cancel_batch(batch_id, token=TOKEN)
    (report,) = await upstream.list_statuses(batch_id, token=TOKEN)
    assert report.status.code == CANCELED
    with pytest.raises(errors.NothingScheduled):
        await upstream.cancel_batch(batch_id, token=TOKEN)


async def test_a_batch_that_went_out_at_once_cannot_be_canceled(upstream: Upstream) -> None:
    batch_id = await send(upstream, make_intent())
    with pytest.raises(errors.NothingScheduled):
        await upstream.cancel_batch(batch_id, token=TOKEN)


async def test_a_batch_of_another_account_cannot_be_canceled(upstream: Upstream) -> None:
    batch_id = await send(upstream, make_intent(opens_at=NOW + timedelta(hours=2)))
    with pytest.raises(errors.NothingScheduled):
        await upstream.cancel_batch(batch_id, token=OTHER_TOKEN)


async def test_a_batch_that_does_not_exist_has_nothing_to_tell(upstream: Upstream) -> None:
    nowhere = "5bc86b6e85c7d23a7c1e4d10"
    with pytest.raises(errors.NothingScheduled):
        await upstream.cancel_batch(nowhere, token=TOKEN)
    with pytest.raises(errors.UpstreamRefused):
        await upstream.list_statuses(nowhere, token=TOKEN)


async def test_the_balance_says_whose_it_is(upstream: Upstream) -> None:
    balance = await upstream.fetch_balance(token=TOKEN)
    assert (balance.account_id, balance.amount, balance.currency) == ("ip1-12345", 1_000_000.0, "SEK")


async def test_incoming_sms_can_be_directed_and_directed_again(upstream: Upstream) -> None:
    await upstream.set_incoming_url("https://old.example.com/", token=TOKEN)
    await upstream.set_incoming_url(INCOMING_URL, token=TOKEN)


CALLS: dict[str, Callable[[Upstream, str], Awaitable[object]]] = {
    "send_batch": lambda upstream, token: upstream.send_batch(make_intent(), token=token),
    "find_batches": lambda upstream, token: upstream.find_batches({"any"}, token=token, not_before=NOW),
    "list_statuses": lambda upstream, token: upstream.list_statuses("5bc8", token=token),
    "cancel_batch": lambda upstream, token: upstream.cancel_batch("5bc8", token=token),
    "fetch_balance": lambda upstream, token: upstream.fetch_balance(token=token),
    "set_incoming_url": lambda upstream, token: upstream.set_incoming_url(INCOMING_URL, token=token),
}


@pytest.mark.parametrize("call", CALLS)
async def test_an_unknown_token_is_refused(upstream: Upstream, call: str) -> None:
    with pytest.raises(errors.TokenRefused):
        await CALLS[call](upstream, "nobodys-token")


async def test_a_ping_needs_no_token(upstream: Upstream) -> None:
    await upstream.ping()
