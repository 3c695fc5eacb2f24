"""Two nodes on one store and one v2, which crash, fail, stand still and go on between any two steps.

Whatever happens: no batch twice, an id always leads to its messages, a refused call is never sent, and in the end
every message reached v2 once or shows that it failed.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.delivery import DeliverySettings
from gateway.domain.account import AccountSettings, WhenUpstreamFails
from gateway.domain.errors import GatewayError
from gateway.domain.intent import PENDING, MessageRecord, OutcomeKind
from gateway.domain.report import DeliveryReport
from gateway.domain.sms import Interface
from gateway.domain.status import MessageStatus, UpstreamStatus, is_final
from gateway.ports import MessageQuery
from gateway.testing import FixedClock, MemoryStore
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, NOON, TOKEN, Node, order, start_node
from tests.unit.core.mishaps import Crashed, Life, Line, Mishap, Stall, StandingUpstream, V2Line

OWNERS = ("a", "b")
ACCOUNTS = (
    AccountSettings(),
    AccountSettings(when_upstream_fails=WhenUpstreamFails.QUEUE),
    AccountSettings(upstream_rate_per_second=0.5),
)
WORKERS = ("disowner", "settler", "queue", "reports", "reconciler")
EVERYTHING = MessageQuery(limit=1_000_000)
ROUNDS = 600
VALUES = {"default": {"name": "Bo"}}
DELIVERED = UpstreamStatus(201)

owners = st.sampled_from(OWNERS)
positions = st.sampled_from((0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7))  # a send is three calls, mostly
plans = st.dictionaries(positions, st.sampled_from(Mishap), max_size=2)
recipient_counts = st.sampled_from((1, 1, 1, 2, 3, 501))
delays = st.sampled_from((1, 5, 31, 61, 600, 3600, 90_000))
codes = st.sampled_from((102, 110, 113, 201, 202, 503, 514, 104)).map(UpstreamStatus)


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a caller did, and what he heard: an id, a refusal (`refused_by` a life), or nothing."""

    body: str
    recipients: tuple[str, ...]
    id: int | None = None
    refused_by: Life | None = None


class GatewayMachine(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda _loop, _context: None)  # tasks of a life that is over
        self.clock = FixedClock(NOON)
        self.store = MemoryStore()
        self.v2 = StandingUpstream(clock=self.clock, tokens={TOKEN: ACCOUNT})
        self.settings = AccountSettings()
        self.nodes: dict[str, tuple[Node, Life, AsyncExitStack]] = {}
        self.calls: list[Call] = []
        self.in_doubt: set[str] = set()  # bodies of refused calls whose node could not disown them in time
        self.final: dict[int, MessageStatus] = {}
        self.settled: dict[int, OutcomeKind] = {}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    # ---- what happens --------------------------------------------------------------------------------------

    @initialize(account=st.sampled_from(ACCOUNTS))
    def open_account(self, account: AccountSettings) -> None:
        self.settings = account
        for owner in OWNERS:
            self.run(self._start(owner, {}))

    @rule(owner=owners, count=recipient_counts, plan=plans)
    def send(self, owner: str, count: int, plan: Mapping[int, Mishap]) -> None:
        call = Call(body=f"Hej {len(self.calls)}", recipients=tuple(f"4670{number:07}" for number in range(count)))
        self.run(self._send(owner, call, plan))

    @rule(owner=owners, worker=st.sampled_from(WORKERS), plan=plans)
    def work(self, owner: str, worker: str, plan: Mapping[int, Mishap]) -> None:
        self.run(self._work(owner, worker, plan))

    @rule(owner=owners, plan=plans)
    def crash(self, owner: str, plan: Mapping[int, Mishap]) -> None:
        self.run(self._restart(owner, plan))

    @rule(seconds=delays)
    def let_time_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @precondition(lambda self: not self.v2.stands)
    @rule()
    def stand_still(self) -> None:
        self.v2.stands = True

    @precondition(lambda self: self.v2.stands)
    @rule()
    def go_on(self) -> None:
        self.v2.stands = False

    @precondition(lambda self: self.v2.batches)
    @rule(data=st.data(), owner=owners, code=codes, times=st.integers(1, 2), late=st.sampled_from((0, 0, 30)))
    def report(self, data: st.DataObject, owner: str, code: UpstreamStatus, times: int, late: float) -> None:
        batch = data.draw(st.sampled_from(self.v2.batches[-5:]), label="batch")
        recipient = batch.intent.recipients[0]
        at = replace(batch.status_by_recipient[recipient], code=code, at=self.clock.now())
        news = DeliveryReport(
            message_id=f"{batch.batch_id[:8]}{0:016x}",
            batch_id=batch.batch_id,
            recipient=recipient,
            status=replace(at, at=FixedClock(at.at).advance(-late)),
            reference=batch.intent.reference,
        )
        if not is_final(batch.status_by_recipient[recipient].code):
            batch.status_by_recipient[recipient] = news.status
        for _ in range(times):
            self.run(self.nodes[owner][0].service.receive_report(news))

    # ---- how it is done ------------------------------------------------------------------------------------

    async def _start(self, owner: str, plan: Mapping[int, Mishap]) -> None:
        async def others_work(stall: Stall) -> None:
            if stall.rounds > 1:
                await self._note_doubt(life)
            others = [other for other in OWNERS if other != owner and other in self.nodes]
            for _ in range(stall.rounds):
                self.clock.advance(stall.seconds)
                for other in others:
                    for worker in WORKERS:
                        await self._step(other, worker)

        while owner not in self.nodes:
            life, stack = Life(others_work), AsyncExitStack()
            life.meet(plan)
            plan = {}
            try:
                node = await stack.enter_async_context(
                    start_node(
                        self.settings,
                        store=Line(self.store, life),  # type: ignore[arg-type]  # it stands for the store
                        upstream=V2Line(self.v2, life),  # type: ignore[arg-type]  # likewise
                        clock=self.clock,
                        delivery=DeliverySettings(owner=owner, patience_seconds=1e-9),
                    )
                )
            except (Crashed, GatewayError):  # it dies while it starts, or does not start; then again
                continue
            life.meet({})
            self.nodes[owner] = (node, life, stack)

    async def _restart(self, owner: str, plan: Mapping[int, Mishap]) -> None:
        _, life, stack = self.nodes.pop(owner)
        life.is_over = True
        await self._note_doubt(life)
        await stack.aclose()
        await self._start(owner, plan)

    async def _note_doubt(self, life: Life) -> None:
        """A life that ends, or stands still for long, cannot disown what it refused (gateway/disowning.py)."""
        pending = {stored.intent.body for stored in await self.store.list_pending(limit=10_000)}
        self.in_doubt |= {call.body for call in self.calls if call.refused_by is life and call.body in pending}

    async def _send(self, owner: str, call: Call, plan: Mapping[int, Mishap]) -> None:
        node, life, _ = self.nodes[owner]
        life.meet(plan)
        try:
            receipt = await node.service.send(order(*call.recipients, body=call.body, values=VALUES), CREDENTIALS)
            self.calls.append(replace(call, id=receipt.id))
        except GatewayError:
            self.calls.append(replace(call, refused_by=life))
        except Crashed:
            self.calls.append(call)
        await self._after(owner)

    async def _work(self, owner: str, worker: str, plan: Mapping[int, Mishap]) -> None:
        self.nodes[owner][1].meet(plan)
        await self._step(owner, worker)
        await self._after(owner)

    async def _step(self, owner: str, worker: str) -> None:
        with suppress(GatewayError, Crashed):  # a worker tries again
            await getattr(self.nodes[owner][0].core, worker).step()

    async def _after(self, owner: str) -> None:
        """Let what the node left in its background come to an end; what is dead is started again."""
        for _ in range(20):
            await asyncio.sleep(0)
        life = self.nodes[owner][1]
        life.meet({})
        if life.is_over:
            await self._restart(owner, {})

    # ---- what always holds ---------------------------------------------------------------------------------

    @invariant()
    def no_batch_reaches_v2_twice(self) -> None:
        references = Counter(batch.intent.reference for batch in self.v2.batches)
        assert not [reference for reference, count in references.items() if count > 1]

    @invariant()
    def an_id_leads_to_its_messages(self) -> None:
        stored = self._records_by_body()
        for call in self.calls:
            if call.id is not None:
                records = stored[call.body]
                assert [record.recipient for record in records] == list(call.recipients)
                assert {record.bundle_id or record.id for record in records} == {call.id}

    @invariant()
    def a_refused_call_is_never_sent(self) -> None:
        sent = {batch.intent.body for batch in self.v2.batches}
        for call in self.calls:
            if call.refused_by is not None and call.body not in self.in_doubt:
                assert call.body not in sent

    @invariant()
    def what_is_final_stays(self) -> None:
        for record in self.run(self.store.list_messages(ACCOUNT, EVERYTHING)):
            kind, status = record.outcome.kind, record.status
            if status and is_final(status.code):
                assert self.final.setdefault(record.id, status) == status
            if kind not in PENDING:
                assert self.settled.setdefault(record.id, kind) == kind

    def _records_by_body(self) -> Mapping[str | None, list[MessageRecord]]:
        """Every message that is on disk, in id order."""
        found: defaultdict[str | None, list[MessageRecord]] = defaultdict(list)
        for record in reversed(self.run(self.store.list_messages(ACCOUNT, EVERYTHING))):
            found[record.body].append(record)
        return found

    # ---- the end -------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if self.nodes:
                self.v2.stands = False
                self.run(self._come_to_rest())
                self._every_message_is_accounted_for()
                self.no_batch_reaches_v2_twice()
                self.a_refused_call_is_never_sent()
                self.what_is_final_stays()
        finally:
            for _, life, stack in self.nodes.values():
                life.is_over = True
                self.run(stack.aclose())
            self.loop.close()

    async def _come_to_rest(self) -> None:
        for _ in range(ROUNDS):
            self.clock.advance(20)
            for owner in OWNERS:
                for worker in WORKERS:
                    await self._step(owner, worker)
            if not await self.store.list_pending(limit=1) and not self.v2.unread:
                return
        raise AssertionError("it does not come to rest")

    def _every_message_is_accounted_for(self) -> None:
        sent = Counter(
            (batch.intent.body, recipient) for batch in self.v2.batches for recipient in batch.intent.recipients
        )
        stored = self._records_by_body()
        for call in self.calls:
            records = {record.recipient: record for record in stored[call.body]}
            for recipient in call.recipients:
                self._check(records.get(recipient), sent[call.body, recipient])

    def _check(self, record: MessageRecord | None, times_sent: int) -> None:
        """Once where it is on disk as accepted; else it failed, and says so to who asks."""
        if record is None:
            assert times_sent == 0
        elif record.outcome.kind is OutcomeKind.ACCEPTED:
            assert times_sent == 1
        else:
            assert times_sent == 0
            tables = self.nodes["a"][0].service.tables
            shown = tables.legacy_status(record.upstream_status(tables), Interface.SOAP)
            assert tables.legacy[shown].final


TestTwoNodes = pytest.mark.timeout(300)(GatewayMachine.TestCase)
TestTwoNodes.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
