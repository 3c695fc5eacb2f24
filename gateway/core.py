"""Puts the core together: the service, and the workers that keep its promises in the background."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.credentials import CredentialChecker, CredentialSettings
from gateway.delivery import Delivery, DeliverySettings
from gateway.forwards import ForwardDesk
from gateway.ids import IdAllocator
from gateway.pacing import Pacer
from gateway.ports import Forwarder
from gateway.queueing import Queue
from gateway.reports import Reconciler, ReportDesk
from gateway.retention import Retention, RetentionSettings
from gateway.service import Service
from gateway.settling import Settler
from gateway.surroundings import Surroundings
from gateway.tasks import Tasks, Worker

SETTLER_IDLE_SECONDS = 0.5
QUEUE_IDLE_SECONDS = 1.0
FORWARDS_IDLE_SECONDS = 5.0
RECONCILER_IDLE_SECONDS = 15.0
RETENTION_IDLE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSettings:
    """What the core is told of the configuration."""

    credentials: CredentialSettings
    delivery: DeliverySettings
    retention: RetentionSettings
    id_block_size: int


class Core:
    """The service and its workers; `run` has them work."""

    def __init__(
        self, around: Surroundings, *, settings: CoreSettings, credentials: CredentialChecker, forwarder: Forwarder
    ) -> None:
        self._credentials = credentials
        token_of = credentials.token_of
        pacer = Pacer()
        delivery = Delivery(around, pacer=pacer, settings=settings.delivery)
        forwards = Worker(
            ForwardDesk(around, forwarder=forwarder).step, name="forwards", idle_seconds=FORWARDS_IDLE_SECONDS
        )
        queue = Worker(
            Queue(around, delivery=delivery, pacer=pacer, token_of=token_of).step,
            name="queue",
            idle_seconds=QUEUE_IDLE_SECONDS,
        )
        desk = ReportDesk(around, wake_forwards=forwards.wake)
        reconciler = Reconciler(around, desk=desk, delivery=delivery, token_of=token_of)
        retention = Retention(store=around.store, clock=around.clock, settings=settings.retention)
        self.settler = Settler(around, delivery=delivery, token_of=token_of, wake_queue=queue.wake)
        self.service = Service(
            around,
            credentials=credentials,
            delivery=delivery,
            reports=desk,
            ids=IdAllocator(around.store, block_size=settings.id_block_size),
            wake_queue=queue.wake,
            wake_forwards=forwards.wake,
        )
        self._workers = [
            queue,
            forwards,
            desk.worker,
            Worker(self.settler.step, name="settler", idle_seconds=SETTLER_IDLE_SECONDS),
            Worker(reconciler.step, name="reconciler", idle_seconds=RECONCILER_IDLE_SECONDS),
            Worker(retention.step, name="retention", idle_seconds=RETENTION_IDLE_SECONDS),
        ]

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Service]:
        """The service, its workers at work. What an earlier run left unsettled is taken over before this yields."""
        await self.settler.inherit()
        tasks = Tasks()
        try:
            for worker in self._workers:
                tasks.spawn(worker.run(), name=worker.name)
            yield self.service
        finally:
            await tasks.stop()
            self._credentials.close()
