"""The stand-in and the databases give the same answers to the same long, random course of events."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.intent import PENDING, Outcome, OutcomeKind
from gateway.ports import MessageQuery, RepeatGuard, Store
from gateway.testing import FixedClock, MemoryStore
from tests.contract.conftest import STORES
from tests.contract.making import ACCEPTED, BATCH, NOON, make_incoming, make_intent, make_report

IDS = range(100, 160, 3)
NUMBERS = [f"4670000000{digit}" for digit in range(4)]
CODES = [101, 102, 104, 110, 112, 201, 203, 402, 503]
KINDS = list(OutcomeKind)
STEPS = 400

Step = Callable[[Store], Awaitable[Any]]


class Course:
    """Random events, the same for every store that is handed the step."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._clock = FixedClock(NOON)
        self._left = list(IDS)
        often = [self._record, self._settle, self._claim, self._report, self._apply]
        seldom = [self._cancel, self._forward, self._come_in, self._read, self._forget]
        self._events = [*often, *often, *seldom]

    def next(self) -> Step:
        """One event; time goes on a little before it."""
        self._clock.advance(self._random.choice([0, 1, 20]))
        return self._random.choice(self._events)()

    def _any_id(self) -> int:
        return self._random.choice(IDS)

    def _soon(self) -> Any:
        return FixedClock(self._clock.now()).advance(self._random.choice([0, 30, 60]))

    def _record(self) -> Step:
        if not self._left:
            return self._read()
        number, now, due_at = self._left.pop(0), self._clock.now(), self._soon()
        recipients = self._random.sample(NUMBERS, self._random.choice([1, 2]))
        refused = recipients[:1] if self._random.random() < 0.2 else []
        kind = self._random.choice([OutcomeKind.OPEN, OutcomeKind.QUEUED])
        bundle_id = number - 1 if len(recipients) > 1 else None
        fingerprint = self._random.choice([None, b"a", b"b"])
        replaces = self._random.choice([None, *IDS])

        def step(store: Store) -> Awaitable[Any]:
            intent = make_intent(store, number, *recipients, bundle_id=bundle_id, at=now, refused=refused)
            guard = fingerprint and RepeatGuard(
                account_id="ip1-12345",
                fingerprint=fingerprint,
                first_id=number,
                expires_at=FixedClock(now).advance(50),
                replaces=replaces,
            )
            return store.record_intents([intent], kind=kind, owner="node-a", due_at=due_at, guard=guard or None)

        return step

    def _settle(self) -> Step:
        kind, number = self._random.choice(KINDS), self._any_id()
        batch_id = f"{BATCH[:-4]}{number:04}"
        outcome = replace(ACCEPTED, batch_id=batch_id) if kind is OutcomeKind.ACCEPTED else Outcome(kind=kind)
        if self._random.random() < 0.3:
            outcome = replace(outcome, price=None, currency=None)
        now, due_at = self._clock.now(), self._soon()
        if kind not in PENDING:
            due_at = self._random.choice([None, due_at])
        held_until = self._random.choice([None, self._soon()])
        return lambda store: store.record_outcome(number, outcome, at=now, due_at=due_at, held_until=held_until)

    def _claim(self) -> Step:
        kinds, owner = self._random.sample(KINDS[:4], 2), self._random.choice(["node-a", "node-b"])
        inherit, newest_first = self._random.random() < 0.2, self._random.random() < 0.5
        now, due_at, limit = self._clock.now(), self._soon(), self._random.choice([1, 3, 100])
        return lambda store: store.claim_intents(
            kinds, owner=owner, now=now, due_at=due_at, limit=limit, inherit=inherit, newest_first=newest_first
        )

    def _report(self) -> Step:
        code, recipient, now = self._random.choice(CODES), self._random.choice(NUMBERS), self._clock.now()
        number, by_reference = self._any_id(), self._random.random() < 0.5
        price = self._random.choice([None, 0.7])

        def step(store: Store) -> Awaitable[Any]:
            reference = f"sgw-{store.store_id}-{number}" if by_reference else None
            batch_id = f"{BATCH[:-4]}{number:04}"
            report = make_report(
                code, recipient=recipient, reference=reference, batch_id=batch_id, at=now, price=price
            )
            return store.record_report(report, at=now)

        return step

    def _apply(self) -> Step:
        now, limit = self._clock.now(), self._random.choice([2, 100])
        before = FixedClock(now).advance(-40)
        return lambda store: store.apply_reports(
            now=now, orphans_before=before, wants_forward=lambda _: True, limit=limit
        )

    def _cancel(self) -> Step:
        number, now = self._any_id(), self._clock.now()
        return self._random.choice(
            [
                lambda store: store.cancel_queued(number, at=now),
                lambda store: store.rest_intent(number),
                lambda store: store.mark_canceled(number, at=now),
            ]
        )

    def _forward(self) -> Step:
        now, due_at, forward_id = self._clock.now(), self._soon(), self._random.randrange(1, 20)
        replayed = self._random.choice([None, [forward_id]])
        problem, again = self._random.choice([None, "answered 500"]), self._random.choice([None, due_at])
        return self._random.choice(
            [
                lambda store: store.claim_forwards(now=now, due_at=due_at, limit=3),
                lambda store: store.record_forward(forward_id, problem=problem, due_at=again),
                lambda store: store.replay_forwards(replayed, now=now),
                lambda store: store.list_dead_forwards(limit=5),
            ]
        )

    def _come_in(self) -> Step:
        message = make_incoming(f"in-{self._random.randrange(9)}", at=self._clock.now())
        number = self._random.randrange(500, 10_000)
        return lambda store: store.record_incoming(message, message_id=number, forward=True)

    def _forget(self) -> Step:
        before = FixedClock(self._clock.now()).advance(-2000)
        erase = self._random.random() < 0.7
        return lambda store: (store.erase_texts if erase else store.delete_rows)(before=before, limit=2)

    def _read(self) -> Step:
        number = self._any_id()
        query = MessageQuery(recipients=self._random.sample(NUMBERS, 2), limit=10)
        return self._random.choice(
            [
                lambda store: store.find_intent(number),
                lambda store: store.find_message(number + 1, account_id=None),
                lambda store: store.find_bundle("ip1-12345", number - 1),
                lambda store: store.list_messages("ip1-12345", query),
                lambda store: store.list_history(number),
                lambda store: store.list_pending(limit=5),
                lambda store: store.list_incoming("ip1-12345", limit=5),
            ]
        )


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["sqlite", "postgres"])
async def test_a_database_answers_as_the_stand_in_does(name: str, seed: int, tmp_path: Path) -> None:
    database = await STORES[name](tmp_path, 1000)
    memory = MemoryStore(store_id=database.store_id)
    course = Course(seed)
    for number in range(STEPS):
        step = course.next()
        expected, found = await step(memory), await step(database)
        if isinstance(found, list):
            expected = list(expected)
        assert found == expected, f"step {number} of seed {seed}"
    assert await memory.list_messages("ip1-12345", MessageQuery()) == await database.list_messages(
        "ip1-12345", MessageQuery()
    )
    await database.close()
