"""What every request to the provider's side passes: the log, the armed faults, the bearer token."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.sandbox.keys import ACCOUNT, RECORD, SANDBOX
from adapters.sandbox.misbehave import ACT_BY_KIND, NoAnswer
from adapters.sandbox.model import Account
from adapters.sandbox.request_log import Record

_PROVIDERS_PATHS: Final = ("/v2/", "/api/")
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


def is_provider_side(request: web.Request) -> bool:
    """Say whether a request is meant for the provider, and not for the sandbox's own controls."""
    return request.path.startswith(_PROVIDERS_PATHS)


@web.middleware
async def keep_record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log what arrived, and the status it was answered with."""
    if not is_provider_side(request):
        return await handler(request)
    sandbox = request.app[SANDBOX]
    account = _find_account(request)
    record = Record(
        at=sandbox.clock(),
        method=request.method,
        path=request.path_qs,
        account=account.id if account else None,
    )
    if account:
        request[ACCOUNT] = account
    request[RECORD] = record
    answer = await handler(request)
    if not isinstance(answer, NoAnswer):
        record.answered = answer.status
    return answer


def _find_account(request: web.Request) -> Account | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return request.app[SANDBOX].accounts_by_token.get(token.strip()) if scheme.lower() == "bearer" else None


@web.middleware
async def act_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the body in, then let an armed fault have its way; a broken server looks at no token first."""
    if not is_provider_side(request):
        return await handler(request)
    sandbox = request.app[SANDBOX]
    try:
        request[RECORD].body = await request.read()
    finally:
        sandbox.requests.add(request[RECORD])
    fault = sandbox.faults.take_for_request(request.method, request.path)
    return await (ACT_BY_KIND[fault.kind](request, handler, fault) if fault else handler(request))


@web.middleware
async def require_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 401 where the bearer token is missing or nobody's."""
    if is_provider_side(request) and ACCOUNT not in request:
        raise web.HTTPUnauthorized(headers=_CHALLENGE)
    return await handler(request)
