"""v2 as the core sees it: `gateway.ports.Upstream` over HTTP."""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import quote

from yarl import URL

from adapters.upstream import codec
from adapters.upstream.calls import Call, create, delete
from adapters.upstream.connection import Answer
from adapters.upstream.exchange import Exchange
from adapters.upstream.pool import Pool
from adapters.upstream.scan import BATCHES_PER_PAGE, Scan
from adapters.upstream.settings import UpstreamSettings
from gateway.domain.errors import NothingScheduled, OutcomeUnknown
from gateway.domain.intent import Intent, Outcome
from gateway.domain.report import DeliveryReport
from gateway.domain.sms import RECIPIENTS_PER_BATCH
from gateway.ports import Balance, Metrics

_MESSAGES_PER_PAGE: Final = 100


def _has_next(answer: Answer) -> bool | None:
    return codec.parse_has_next(answer.header(b"link") or None)


def _nothing(_body: bytes, _answer: Answer) -> None:
    """Of these calls it only matters that they succeeded."""


_NOTHING_SCHEDULED: Final = partial(NothingScheduled, "nothing is scheduled under that id any more")

_SEND: Final = create("send_batch", parse=lambda body, _: codec.parse_batch(body))
_CANCEL: Final = delete(
    "cancel_batch",
    parse=_nothing,
    error_by_status={HTTPStatus.NOT_FOUND: _NOTHING_SCHEDULED, HTTPStatus.CONFLICT: _NOTHING_SCHEDULED},
)
_GET_BATCH: Final = Call(name="get_batch", parse=lambda body, _: codec.parse_is_canceled(body))
_LIST_BATCHES: Final = Call(
    name="list_batches", parse=lambda body, answer: (codec.parse_batches(body), _has_next(answer))
)
_LIST_MESSAGES: Final = Call(
    name="list_messages", parse=lambda body, answer: (codec.parse_statuses(body), _has_next(answer))
)
_BALANCE: Final = Call(name="balance", parse=lambda body, _: codec.parse_balance(body))
_SET_INCOMING: Final = Call(name="set_incoming", parse=_nothing, method="PUT")
_PING: Final = Call(name="ping", parse=_nothing, any_status=True)


class HttpUpstream:
    """The provider's REST v2, over one pool of connections that is open within `async with`."""

    def __init__(self, settings: UpstreamSettings, *, metrics: Metrics) -> None:
        self._settings = settings
        base = URL(settings.base_url)
        self._pool = Pool(base, settings)
        self._exchange = Exchange(self._pool, base.host_port_subcomponent or "", settings, metrics)
        folder = base.raw_path.rstrip("/")
        self._root = f"{folder}/"
        self._batches = f"{folder}/v2/batches"
        self._me = f"{folder}/api/me"
        self._incoming = f"{folder}/v2/me/sms/settings/IncomingCallbackUrl"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        self._pool.close()

    def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Awaitable[Outcome]:
        """`POST /v2/batches`."""
        body = codec.render_batch(intent, delivery_report_url=self._settings.delivery_report_url)
        return self._exchange.perform(_SEND, self._batches, token=token, body=body, within_seconds=within_seconds)

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        """`GET /v2/batches`, newest first, until all are found or the list is too old.

        A scan that cannot be finished raises: it never says that a batch is absent.
        """
        found: dict[str, Outcome] = {}
        scan = Scan(not_before)
        while not scan.is_complete and len(found) < len(references):
            path = _page(self._batches, scan.start, BATCHES_PER_PAGE, "DESC")
            batches, has_next = await self._exchange.perform(_LIST_BATCHES, path, token=token)
            found |= {name: accepted for _, name, accepted in batches if name and name in references}
            scan.add([batch_id for batch_id, _, _ in batches], has_next=has_next)
        return found

    async def list_statuses(self, batch_id: str, *, token: str) -> Sequence[DeliveryReport]:
        """`GET /v2/batches/{id}/messages`, all pages; a message without a status yet is left out."""
        reports: list[DeliveryReport] = []
        start = 0
        while start < RECIPIENTS_PER_BATCH:  # ours have no more messages, whatever v2's pages say
            path = _page(f"{self._batch(batch_id)}/messages", start, _MESSAGES_PER_PAGE, "ASC")
            page, has_next = await self._exchange.perform(_LIST_MESSAGES, path, token=token)
            reports += [report for report in page if report is not None]
            if not page or has_next is False:
                break
            start += len(page)
        return reports

    async def cancel_batch(self, batch_id: str, *, token: str) -> None:
        """`DELETE /v2/batches/{id}`. Where the answer is lost, the batch itself is asked what became of it."""
        try:
            await self._exchange.perform(_CANCEL, self._batch(batch_id), token=token)
        except OutcomeUnknown:
            if not await self._exchange.perform(_GET_BATCH, self._batch(batch_id), token=token):
                raise

    async def fetch_balance(self, *, token: str) -> Balance:
        """`GET /api/me`."""
        return await self._exchange.perform(_BALANCE, self._me, token=token)

    async def set_incoming_url(self, url: str, *, token: str) -> None:
        """`PUT /v2/me/sms/settings/IncomingCallbackUrl`; making it twice is harmless."""
        await self._exchange.perform(_SET_INCOMING, self._incoming, token=token, body=codec.render_setting(url))

    async def ping(self) -> None:
        """`GET /`, without a token: any answer will do. Raises UpstreamUnavailable."""
        await self._exchange.perform(_PING, self._root, token=None)

    def _batch(self, batch_id: str) -> str:
        return f"{self._batches}/{quote(batch_id, safe='')}"


def _page(path: str, start: int, limit: int, order: str) -> str:
    return f"{path}?start={start}&limit={limit}&order={order}"
