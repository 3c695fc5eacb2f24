"""Puts the core together: the service, and the workers that keep its promises in the background."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.credentials import CredentialChecker
from gateway.delivery import Delivery, DeliverySettings
from gateway.disowning import Disowner
from gateway.forwards import ForwardDesk
from gateway.ids import IdAllocator
from gateway.pacing import Pacer
from gateway.picture_messages import PictureDesk, PictureSettings
from gateway.ports import Forwarder, PictureStore
from gateway.queueing import Queue
from gateway.reports import Reconciler, ReportDesk
from gateway.retention import Retention, RetentionSettings
from gateway.sending import Sending
from gateway.service import Service
from gateway.settling import Settler
from gateway.surroundings import Surroundings
from gateway.tasks import Tasks, Worker

DISOWNER_IDLE_SECONDS = 1.0
SETTLER_IDLE_SECONDS = 0.5
QUEUE_IDLE_SECONDS = 1.0
FORWARDS_IDLE_SECONDS = 5.0
RECONCILER_IDLE_SECONDS = 15.0
RETENTION_IDLE_SECONDS = 3600.0
PICTURES_IDLE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSettings:
    """What the core is told of the configuration."""

    delivery: DeliverySettings
    retention: RetentionSettings
    pictures: PictureSettings
    id_block_size: int


class Core:
    """The service, and the parts that work in its background; `run` has them work.

    `monotonic` gives seconds.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        settings: CoreSettings,
        credentials: CredentialChecker,
        forwarder: Forwarder,
        picture_store: PictureStore,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        token_of = credentials.token_of
        pacer = Pacer(monotonic=monotonic)
        delivery = Delivery(around, pacer=pacer, settings=settings.delivery)
        self.disowner = Disowner(around, delivery=delivery)
        self.queue = Queue(around, delivery=delivery, pacer=pacer, token_of=token_of)
        self.forwards = ForwardDesk(around, forwarder=forwarder)
        queue_worker = Worker(self.queue.step, name="queue", idle_seconds=QUEUE_IDLE_SECONDS)
        forwards_worker = Worker(self.forwards.step, name="forwards", idle_seconds=FORWARDS_IDLE_SECONDS)
        self.reports = ReportDesk(around, delivery=delivery, wake_forwards=forwards_worker.wake)
        self.reconciler = Reconciler(around, desk=self.reports, delivery=delivery, token_of=token_of)
        self.settler = Settler(around, delivery=delivery, token_of=token_of, wake_queue=queue_worker.wake)
        retention = Retention(store=around.store, clock=around.clock, settings=settings.retention)
        self.pictures = PictureDesk(picture_store, clock=around.clock, settings=settings.pictures)
        ids = IdAllocator(around.store, block_size=settings.id_block_size)
        self.service = Service(
            around,
            credentials=credentials,
            sending=Sending(around, delivery=delivery, ids=ids, wake_queue=queue_worker.wake),
            reports=self.reports,
            pictures=self.pictures,
            ids=ids,
            wake_forwards=forwards_worker.wake,
        )
        self._workers = [
            Worker(self.disowner.step, name="disowner", idle_seconds=DISOWNER_IDLE_SECONDS),
            queue_worker,
            forwards_worker,
            self.reports.worker,
            Worker(self.settler.step, name="settler", idle_seconds=SETTLER_IDLE_SECONDS),
            Worker(self.reconciler.step, name="reconciler", idle_seconds=RECONCILER_IDLE_SECONDS),
            Worker(retention.step, name="retention", idle_seconds=RETENTION_IDLE_SECONDS),
            Worker(self.pictures.step, name="pictures", idle_seconds=PICTURES_IDLE_SECONDS),
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
