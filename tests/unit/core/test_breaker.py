"""What makes the circuit breaker leave v2 alone, and what does not."""

from collections.abc import Collection, Mapping
from datetime import datetime

from gateway.domain.errors import UpstreamUnavailable
from gateway.domain.intent import Outcome
from gateway.testing import FakeUpstream, FixedClock
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, NOON, TOKEN, order, start_node


class WithoutList(FakeUpstream):
    """Takes sends, but its list of batches cannot be read."""

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        raise UpstreamUnavailable("v2's list of batches changed while it was read")


async def test_a_list_that_cannot_be_read_stops_nobody_from_sending() -> None:
    clock = FixedClock(NOON)
    upstream = WithoutList(clock=clock, tokens={TOKEN: ACCOUNT})
    async with start_node(upstream=upstream, clock=clock) as node:
        upstream.lose_answers()
        await node.service.send(order(), CREDENTIALS)
        for _ in range(6):
            await node.core.settler.step()
            node.later(seconds=5)
        await node.core.settler.step()
        await node.service.send(order(body="Nej"), CREDENTIALS)
        assert len(upstream.batches) == 2
