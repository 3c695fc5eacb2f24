"""Putting the sandbox together."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from adapters.sandbox import account, batches, controls
from adapters.sandbox.answers import render_errors
from adapters.sandbox.faults import Faults
from adapters.sandbox.front_door import act_faults, keep_record, require_token
from adapters.sandbox.keys import CLOSING, SANDBOX
from adapters.sandbox.model import Account
from adapters.sandbox.reports import Postman
from adapters.sandbox.request_log import RequestLog
from adapters.sandbox.sandbox import Sandbox
from adapters.sandbox.schedule import Clock, Schedule

_log = logging.getLogger(__name__)

_MIDDLEWARES: Final = (keep_record, render_errors, act_faults, require_token)

_ROUTES: Final = (
    web.post("/v2/batches", batches.handle_create_batch),
    web.get("/v2/batches", batches.handle_list_batches),
    web.get("/v2/batches/{batch}", batches.handle_get_batch),
    web.delete("/v2/batches/{batch}", batches.handle_cancel_batch),
    web.get("/v2/batches/{batch}/messages", batches.handle_list_messages),
    web.get("/v2/batches/{batch}/messages/{message}", batches.handle_get_message),
    web.get("/v2/me/senders", account.handle_list_senders),
    web.put("/v2/me/senders/{sender}", account.handle_put_sender),
    web.delete("/v2/me/senders/{sender}", account.handle_delete_sender),
    web.get("/v2/me/sms/settings", account.handle_list_settings),
    web.get("/v2/me/sms/settings/{setting}", account.handle_get_setting),
    web.put("/v2/me/sms/settings/{setting}", account.handle_put_setting),
    web.delete("/v2/me/sms/settings/{setting}", account.handle_delete_setting),
    web.get("/api/me", account.handle_get_account),
    web.get("/", controls.handle_index),
    web.get("/sandbox/", controls.handle_index),
    web.get("/sandbox/faults", controls.handle_get_faults),
    web.put("/sandbox/faults", controls.handle_put_faults),
    web.delete("/sandbox/faults", controls.handle_delete_faults),
    web.get("/sandbox/requests", controls.handle_list_requests),
    web.delete("/sandbox/requests", controls.handle_clear_requests),
    web.post("/sandbox/incoming", controls.handle_incoming),
)


def _read_clock() -> datetime:
    return datetime.now(UTC)


def build_sandbox(
    *,
    tokens: Mapping[str, str],
    tempo_seconds: float = 1.0,
    balance: float = 1_000_000.0,
    require_registered_senders: bool = False,
    report_retry_seconds: float = 600.0,
    report_attempts: int = 11,
    largest_body_bytes: int = 4 * 1024 * 1024,
    clock: Clock = _read_clock,
    chance: Callable[[], float] = random.random,
) -> web.Application:
    """Build the application; its state is at `app[keys.SANDBOX]`.

    `tokens`: bearer token to account id. `tempo_seconds`: between two statuses; 0 goes through all at once.
    `balance`: of each account at the start, in SEK. `require_registered_senders`: a message from a sender that is
    not registered ends in 403. `report_attempts`: the first and ten more (contract/v2.md). `clock`: gives an aware
    time. `chance`: gives 0 to 1, compared with the rate of a fault.
    """
    app = web.Application(middlewares=_MIDDLEWARES, client_max_size=largest_body_bytes)
    schedule = Schedule(clock)
    faults = Faults(chance=chance)
    app[CLOSING] = asyncio.Event()
    app[SANDBOX] = Sandbox(
        accounts_by_token=_open_accounts(tokens, round(balance * 100)),
        clock=clock,
        schedule=schedule,
        postman=Postman(
            schedule=schedule,
            clock=clock,
            faults=faults,
            retry_seconds=report_retry_seconds,
            attempts=report_attempts,
        ),
        faults=faults,
        requests=RequestLog(),
        tempo_seconds=tempo_seconds,
        require_registered_senders=require_registered_senders,
    )
    app.add_routes(_ROUTES)
    app.on_shutdown.append(_stop_hanging)
    app.cleanup_ctx.append(_work_in_background)
    return app


def _open_accounts(tokens: Mapping[str, str], balance_ore: int) -> dict[str, Account]:
    """Open one account for each id; several tokens may belong to one."""
    accounts = {id_: Account(id=id_, balance_ore=balance_ore) for id_ in tokens.values()}
    return {token: accounts[id_] for token, id_ in tokens.items()}


async def _stop_hanging(app: web.Application) -> None:
    app[CLOSING].set()


async def _work_in_background(app: web.Application) -> AsyncIterator[None]:
    sandbox = app[SANDBOX]
    tasks = [
        _spawn(sandbox.schedule.run(), name="sandbox-schedule"),
        _spawn(sandbox.postman.run(), name="sandbox-postman"),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _spawn(work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
    task = asyncio.get_running_loop().create_task(work, name=name)
    task.add_done_callback(_tell_if_it_failed)
    return task


def _tell_if_it_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (problem := task.exception()):
        _log.error("sandbox background work failed", exc_info=problem)
