"""The composition root: where the core and the outside parties meet."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import web

from adapters.aspx.routes import aspx_routes
from adapters.forwarding.sender import ForwardingSettings, ForwardSender
from adapters.health import health_routes
from adapters.metrics import PrometheusMetrics, metrics_routes
from adapters.passthrough.routes import Passthrough, PassthroughSettings
from adapters.pictures.disk import DiskPictures
from adapters.pictures.routes import PATH as PICTURES_PATH
from adapters.pictures.routes import picture_routes
from adapters.proxies import believe_proxies
from adapters.rest.routes import RestSettings, rest_routes
from adapters.soap.routes import soap_routes
from adapters.soap.settings import SoapSettings
from adapters.store.postgres import open_postgres
from adapters.store.sqlite import open_sqlite
from adapters.upstream.callbacks import DELIVERY_REPORTS, INCOMING, callback_path, callback_routes
from adapters.upstream.client import HttpUpstream
from adapters.upstream.settings import UpstreamSettings
from gateway.breaker import BreakerSettings, CircuitBreaker, GuardedUpstream
from gateway.config import Config
from gateway.core import Core, CoreSettings
from gateway.credentials import CredentialChecker, CredentialSettings, Mode, SecretKey
from gateway.delivery import DeliverySettings
from gateway.domain.errors import StoreUnavailable
from gateway.picture_messages import PictureSettings
from gateway.ports import Clock, Store, Upstream
from gateway.retention import RetentionSettings
from gateway.service import Service
from gateway.surroundings import Surroundings


class SystemClock:
    """The machine's clock. `now` is aware, in UTC."""

    now = staticmethod(partial(datetime.now, UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that is ready to be served: the callers' application and the operator's, which may be the same."""

    app: web.Application
    admin_app: web.Application


@asynccontextmanager
async def build_app(
    config: Config,
    *,
    store: Store | None = None,
    upstream: Upstream | None = None,
    clock: Clock | None = None,
    worker: int | None = None,
) -> AsyncIterator[Gateway]:
    """Everything a gateway is, at work until the context ends; `worker` is its number where it is one of several.

    Raises ConfigurationError.
    """
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        metrics = await enter(PrometheusMetrics())  # first in, last out: the others count until they are closed
        secret_key = SecretKey.load_or_create(config.secret_key_path)
        callback_secret = choose_callback_secret(config, secret_key)
        if upstream is None:
            upstream = await enter(HttpUpstream(_upstream_settings(config, callback_secret), metrics=metrics))
        if store is None:
            store = await enter(open_store(config, on_commit=metrics.commit))
        around = Surroundings(
            store=store,
            upstream=GuardedUpstream(upstream, CircuitBreaker(BreakerSettings(), metrics=metrics)),
            clock=clock or SystemClock(),
            metrics=metrics,
            tables=config.status_tables,
            settings_of=config.settings_of,
        )
        core = Core(
            around,
            settings=_core_settings(config, worker, secret_key),
            credentials=_credentials(config, around, secret_key),
            forwarder=await enter(ForwardSender(ForwardingSettings(), clock=around.clock)),
            picture_store=DiskPictures(config.pictures_path),
        )
        service = await enter(core.run())
        passthrough = await enter(Passthrough(PassthroughSettings(base_url=config.upstream.base_url)))

        app = web.Application(
            client_max_size=config.listen.max_request_bytes,
            middlewares=[believe_proxies(trusted)] if (trusted := config.listen.trusted_proxies) else [],
        )
        admin_app = web.Application() if config.admin_address else app
        admin_app.add_routes(_operator_routes(config, core, around, metrics))
        app.add_routes(_caller_routes(config, service))
        app.add_routes(
            callback_routes(
                secret=callback_secret,
                on_report=service.receive_report,
                on_incoming=service.receive_incoming,
                metrics=metrics,
            )
        )
        app.add_routes(passthrough.routes())  # last: they take what is left of /api and /v2
        yield Gateway(app=app, admin_app=admin_app)


def _caller_routes(config: Config, service: Service) -> list[web.RouteDef]:
    """A line for each legacy interface, and the pictures that they sent."""
    return [
        *soap_routes(service, soap_settings(config)),
        *aspx_routes(service),
        *rest_routes(service, RestSettings(created_status=config.rest.created_status)),
        *picture_routes(service.find_picture),
    ]


def _operator_routes(
    config: Config, core: Core, around: Surroundings, metrics: PrometheusMetrics
) -> list[web.RouteDef]:
    checks = _readiness_checks(core, around)
    return [*health_routes(checks), *(metrics_routes(metrics) if config.metrics.enabled else [])]


@asynccontextmanager
async def open_store(
    config: Config,
    *,
    beside_gateway: bool = False,
    on_commit: Callable[[int, float], None] | None = None,
) -> AsyncIterator[Store]:
    """The configured store. `beside_gateway` is for commands that are given while a gateway runs on it."""
    first_id, path = config.ids.first_id, config.database_path
    if path is None:
        store: Store = await open_postgres(config.store.get_secret_value(), first_id=first_id, on_commit=on_commit)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        store = await open_sqlite(path, first_id=first_id, on_commit=on_commit, beside_gateway=beside_gateway)
    try:
        yield store
    finally:
        await store.close()


def open_upstream(config: Config, secret_key: SecretKey) -> AbstractAsyncContextManager[Upstream]:
    """The configured v2, for a command."""
    callback_secret = choose_callback_secret(config, secret_key)
    return HttpUpstream(_upstream_settings(config, callback_secret), metrics=PrometheusMetrics())


def incoming_address(config: Config, secret_key: SecretKey) -> str | None:
    """Where v2 is to post incoming SMS; None without `public_url`."""
    path = callback_path(choose_callback_secret(config, secret_key), INCOMING)
    return config.public_url + path if config.public_url else None


def choose_callback_secret(config: Config, secret_key: SecretKey) -> str:
    """The secret part of our callback addresses: the configured one, or one derived from the secret key."""
    if config.upstream.callback_secret:
        return config.upstream.callback_secret.get_secret_value()
    return secret_key.derive("callback address").hex()[:32]


def read_secret(path: str) -> str:
    """The content of a secret file, without the line end that editors add."""
    return Path(path).read_text(encoding="utf-8").strip()


def _readiness_checks(core: Core, around: Surroundings) -> dict[str, Callable[[], Awaitable[None]]]:
    async def check_settled() -> None:
        if core.settler.inherited:
            raise StoreUnavailable(f"{core.settler.inherited} sends of the last run are not settled yet")

    return {"store": around.store.ping, "upstream": around.upstream.ping, "settled": check_settled}


def _upstream_settings(config: Config, callback_secret: str) -> UpstreamSettings:
    path = callback_path(callback_secret, DELIVERY_REPORTS)
    return UpstreamSettings(
        base_url=config.upstream.base_url,
        connect_timeout_seconds=config.upstream.connect_timeout_seconds,
        pool_timeout_seconds=config.upstream.pool_timeout_seconds,
        total_timeout_seconds=config.upstream.total_timeout_seconds,
        pool_size=config.upstream.pool_size,
        retries=config.upstream.retries,
        delivery_report_url=config.public_url + path if config.public_url else None,
    )


def _credentials(config: Config, around: Surroundings, secret_key: SecretKey) -> CredentialChecker:
    section = config.credentials
    settings = CredentialSettings(
        mode=Mode(section.mode),
        cache_seconds=section.cache_seconds,
        wrong_keys_per_minute=section.wrong_keys_per_minute,
        hash_threads=section.hash_threads,
        max_waiting_checks=section.max_waiting_checks,
    )
    return CredentialChecker(
        settings,
        store=around.store,
        upstream=around.upstream,
        secret_key=secret_key,
        clock=around.clock,
        read_secret=read_secret,
    )


def _core_settings(config: Config, worker: int | None, secret_key: SecretKey) -> CoreSettings:
    return CoreSettings(
        delivery=DeliverySettings(owner=_node_name(config, worker), **config.delivery.model_dump()),
        retention=RetentionSettings(**config.retention.model_dump()),
        pictures=_picture_settings(config, secret_key),
        id_block_size=config.ids.block_size,
    )


def _picture_settings(config: Config, secret_key: SecretKey) -> PictureSettings:
    return PictureSettings(
        # Without a public_url no picture is taken, and those of an earlier time are still shown and erased.
        link_prefix=f"{config.public_url or ''}{PICTURES_PATH}",
        name_key=secret_key.derive("picture names"),
        keep=timedelta(hours=config.mms.keep_hours),
        max_bytes=config.mms.max_picture_bytes,
    )


def _node_name(config: Config, worker: int | None) -> str:
    """Tells the gateways that share a store apart, and is the same after a restart."""
    return f"{socket.gethostname()}:{config.listen.port}/{worker or 1}"


def soap_settings(config: Config) -> SoapSettings:
    """What the SOAP interface is told of the configuration."""
    return SoapSettings(
        namespace=config.soap.namespace,
        wsdl=config.soap.wsdl,
        http_bindings=config.soap.http_bindings,
        public_url=config.soap.public_url,
        operation_names=config.soap.operation_names,
        parameter_names=config.soap.parameter_names,
        ignored_operations=config.soap.ignored_operations,
        time_zone=config.time_zone,
        mms_as_sms_link=config.mms.as_sms_link,
    )
