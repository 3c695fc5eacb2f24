"""From a request to its handler: by one look-up where its path is a fixed one, as it is usually written."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import hdrs, web

Answer = Callable[[Any], Awaitable[web.StreamResponse]]
"""Of a request; aiohttp's server calls it BaseRequest, and its application Request."""


def answer_directly(app: web.Application, answer_any: Answer) -> Answer:
    """An application's handlers themselves, and `answer_any` for what its router has to be asked.

    That is any path with variables, and any request that waits for 100-continue, which aiohttp says between router
    and handler. A handler that is called directly has no `match_info` and no `app` to ask.
    """
    answer_by_call: dict[tuple[str, str], Answer] = {}
    for route in app.router.routes():
        if isinstance(route.resource, web.PlainResource):
            answer_by_call.setdefault((route.method, route.resource.canonical), _within(app, route.handler))

    def answer(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        if hdrs.EXPECT in request.headers:
            return answer_any(request)
        return answer_by_call.get((request.method, request.rel_url.raw_path), answer_any)(request)

    return answer


def _within(app: web.Application, handler: Answer) -> Answer:
    """A handler within the application's middlewares."""
    for middleware in reversed(app.middlewares):
        handler = partial(middleware, handler=handler)
    return handler
