"""Making it true that nothing was sent, where the store failed while an intent was recorded.

A store that fails does not say whether it had committed: a connection may break after COMMIT went to PostgreSQL.
The caller hears 42 and sends again, so what may be on disk must not be sent. It is open there and its node's until
its claim ends, and after that another node would look it up for `absence_after_seconds` before it could queue it.
Within that time it is failed here, as soon as the store answers. A commit that is still under way when the store
answers shows itself later, so an intent that is not found is looked for as long as a claim lasts.

What remains: a process that dies in between forgets, and one that stands still for longer than all this comes too
late. The intent is then found open, like those whose callers heard nothing, and sent.
"""

import structlog

from gateway.delivery import Delivery
from gateway.domain.intent import Outcome, OutcomeKind
from gateway.domain.status import INTERNAL_ERROR
from gateway.surroundings import Surroundings

log = structlog.get_logger()

FAILED = Outcome(kind=OutcomeKind.FAILED, reason=INTERNAL_ERROR)


class Disowner:
    """Fails what is on disk of intents whose callers were told that nothing was sent."""

    def __init__(self, around: Surroundings, *, delivery: Delivery) -> None:
        self._store = around.store
        self._clock = around.clock
        self._delivery = delivery

    async def step(self) -> bool:
        """Look each of them up once; False, for there is never more to do at once. Raises StoreUnavailable."""
        now = self._clock.now()
        for intent, until in list(self._delivery.disowned.values()):
            if await self._store.find_intent(intent.id):
                outcome = await self._delivery.record_outcome(intent, FAILED, held_until=until)
                log.warning("recorded after all, and failed", id=intent.id, outcome=outcome.kind)
            elif now < until:
                continue
            del self._delivery.disowned[intent.id]
        return False
