"""From a request to its handler: by look-ups where its path is a usual one, as it is usually written."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import hdrs, web
from aiohttp.web_urldispatcher import DynamicResource, UrlMappingMatchInfo

Answer = Callable[[Any], Awaitable[web.StreamResponse]]
"""Of a request; aiohttp's server calls it BaseRequest, and its application Request."""

_ENDS_IN_VARIABLE = re.compile(r"(?P<parent>[^{}]*)/\{(?P<name>\w+)\}")


def answer_directly(app: web.Application, answer_any: Answer) -> Answer:
    """An application's handlers themselves, and `answer_any` for what its router has to be asked.

    A handler is found by a fixed path, or by the parent of one whose last segment is a variable; any other path is
    the router's, and any request that waits for 100-continue, which aiohttp says between router and handler. A
    handler that is called directly has no `app` to ask, and `match_info` where there is a variable.
    """
    answer_by_call: dict[tuple[str, str], Answer] = {}
    answer_by_parent: dict[tuple[str, str], Answer] = {}
    fixed_paths: set[str] = set()
    for route in app.router.routes():
        handler = _within(app, route.handler)
        if isinstance(route.resource, web.PlainResource):
            fixed_paths.add(route.resource.canonical)
            answer_by_call.setdefault((route.method, route.resource.canonical), handler)
        elif route.resource and (path := _ENDS_IN_VARIABLE.fullmatch(route.resource.canonical)):
            told = _told(path["name"], route, handler) if _takes_any_segment(route.resource) else answer_any
            answer_by_parent.setdefault((route.method, path["parent"]), told)

    def answer(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        if hdrs.EXPECT in request.headers:
            return answer_any(request)
        method, path = request.method, request.rel_url.raw_path
        handler = answer_by_call.get((method, path))
        if handler is None:
            parent, _, last = path.rpartition("/")
            usual = last.isalnum() and path not in fixed_paths  # nothing to unquote
            handler = answer_by_parent.get((method, parent), answer_any) if usual else answer_any
        return handler(request)

    return answer


def _takes_any_segment(resource: web.AbstractResource) -> bool:
    """Whether the variable that its path ends in has no pattern of its own."""
    return resource.get_info()["pattern"].pattern.endswith(f">{DynamicResource.GOOD})")


def _told(name: str, route: web.AbstractRoute, handler: Answer) -> Answer:
    """A handler whose request is told the last segment of its path, by that name."""

    def answer(request: web.Request) -> Awaitable[web.StreamResponse]:
        last = request.rel_url.raw_path.rpartition("/")[2]
        request._match_info = UrlMappingMatchInfo({name: last}, route)
        return handler(request)

    return answer


def _within(app: web.Application, handler: Answer) -> Answer:
    """A handler within the application's middlewares."""
    for middleware in reversed(app.middlewares):
        handler = partial(middleware, handler=handler)
    return handler
