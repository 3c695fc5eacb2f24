"""Compares what callers were told, what the store holds, and what v2 got."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.intent import MessageRecord, OutcomeKind, render_reference
from gateway.domain.status import is_final
from gateway.ports import MessageQuery, Store
from tests.faults.callers import Call, Told
from tests.faults.site import Site
from tests.system import ACCOUNT, TOKEN

NOT_SENT = frozenset({OutcomeKind.FAILED, OutcomeKind.REFUSED})
EVERYTHING = MessageQuery(limit=10_000_000)
PAGE = 1000
Delivery = tuple[str, str]  # body and recipient


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The numbers of one run, and what is wrong."""

    calls: int
    ids: int
    refused: int
    unanswered: int
    messages: int
    batches: int
    duplicates: int
    lost: int
    pending: int
    not_final: int
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Books:
    """What the store and v2 have."""

    store_id: str
    records: Sequence[MessageRecord]
    pending: int
    references: Counter[str]
    deliveries: Counter[Delivery]
    body_by_reference: dict[str, str]


async def read_books(store: Store, site: Site) -> Books:
    """Read both. Nothing may be on its way any more."""
    references: Counter[str] = Counter()
    deliveries: Counter[Delivery] = Counter()
    body_by_reference = {}
    async for batch in _list_pages(site, "/v2/batches"):
        references[batch["reference"]] += 1
        body_by_reference[batch["reference"]] = batch["body"]
        async for message in _list_pages(site, f"/v2/batches/{batch['id']}/messages"):
            deliveries[batch["body"], message["recipient"]] += 1
    return Books(
        store_id=store.store_id,
        records=await store.list_messages(ACCOUNT, EVERYTHING),
        pending=sum((await store.count_pending()).values()),
        references=references,
        deliveries=deliveries,
        body_by_reference=body_by_reference,
    )


async def _list_pages(site: Site, path: str) -> AsyncIterator[dict[str, Any]]:
    start = 0
    headers = {"Authorization": f"Bearer {TOKEN}"}
    while True:
        url = f"{site.sandbox_url}{path}?start={start}&limit={PAGE}"
        async with site.session.get(url, headers=headers) as answer:
            page = await answer.json()
        for document in page:
            yield document
        if len(page) < PAGE:
            return
        start += PAGE


async def is_settled(store: Store) -> bool:
    """Whether no intent is pending and every message that went out has its final status."""
    if any((await store.count_pending()).values()):
        return False
    return not any(_awaits_news(record) for record in await store.list_messages(ACCOUNT, EVERYTHING))


def _awaits_news(record: MessageRecord) -> bool:
    sent = record.outcome.kind is OutcomeKind.ACCEPTED
    return sent and not (record.status and is_final(record.status.code))


async def wait_until_settled(store: Store, *, limit_seconds: float) -> bool:
    """False where it is not within the limit."""
    try:
        async with asyncio.timeout(limit_seconds):
            while not await is_settled(store):
                await asyncio.sleep(0.3)
    except TimeoutError:
        return False
    return True


def audit(log: Sequence[Call], books: Books) -> Audit:
    """Hold the three against each other."""
    told = Counter(call.told for call in log)
    records = defaultdict(list)
    for record in books.records:
        records[record.body].append(record)
    problems = [problem for call in log for problem in _examine(call, records[call.body], books)]
    problems += _examine_books(log, books)
    return Audit(
        calls=len(log),
        ids=told[Told.ID],
        refused=told[Told.REFUSAL],
        unanswered=told[Told.NOTHING],
        messages=len(books.records),
        batches=books.references.total(),
        duplicates=sum(count - 1 for count in books.deliveries.values()),
        lost=sum(
            books.deliveries[call.body, recipient] == 0
            for call in log
            if call.told is Told.ID
            for recipient in call.recipients
        ),
        pending=books.pending,
        not_final=sum(map(_awaits_news, books.records)),
        problems=tuple(problems),
    )


def _examine(call: Call, records: Sequence[MessageRecord], books: Books) -> Iterator[str]:
    """One call: what it was told decides how often each of its messages must have reached v2."""
    if call.told is Told.ID:
        if {record.recipient for record in records} != set(call.recipients):
            yield f"id {call.answer}: not what the store holds"
        if any(call.answer != (record.bundle_id or record.id) for record in records):
            yield f"id {call.answer}: stored under another"
    must_be_sent = any(record.outcome.kind not in NOT_SENT for record in records)
    if call.told is Told.REFUSAL and must_be_sent:
        yield f"refused with {call.answer}, but stored as sent or to be sent"
    expected = 1 if call.told is Told.ID or must_be_sent else 0
    for recipient in call.recipients:
        if (times := books.deliveries[call.body, recipient]) != expected:
            yield f"caller was told {call.told} {call.answer or ''}: at v2 {times} times, not {expected}"


def _examine_books(log: Sequence[Call], books: Books) -> Iterator[str]:
    """What concerns no single call."""
    yield from (f"{reference}: {count} batches" for reference, count in books.references.items() if count > 1)
    asked = {(call.body, recipient) for call in log for recipient in call.recipients}
    yield from ("v2 has a message that nobody sent" for delivery in books.deliveries if delivery not in asked)
    for record in books.records:
        body = books.body_by_reference.get(render_reference(books.store_id, record.intent_id))
        if record.outcome.kind is OutcomeKind.ACCEPTED and body != record.body:
            yield f"message {record.id}: stored as accepted, but v2 does not have it under its reference"
    if books.pending:
        yield f"{books.pending} intents are pending"
    if waiting := sum(map(_awaits_news, books.records)):
        yield f"{waiting} messages have no final status"
