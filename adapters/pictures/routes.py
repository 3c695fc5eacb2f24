"""Shows a picture to whoever has its link.

What came from a caller is never anything but a picture to a browser: its type is what its first bytes say, nothing
may be guessed from it, and nothing in it may run.
"""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from gateway.domain.errors import StoreUnavailable
from gateway.domain.picture import Picture, PictureKind, PictureName, parse_picture_name

PATH = "/p/"  # short: it is part of every text with a picture

MEDIA_TYPE_BY_KIND: Mapping[PictureKind, str] = {
    PictureKind.JPEG: "image/jpeg",
    PictureKind.PNG: "image/png",
    PictureKind.GIF: "image/gif",
}

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cache-Control": "no-store",  # else it could be seen for longer than it is kept
}

log = structlog.get_logger()


def picture_routes(find: Callable[[PictureName], Awaitable[Picture | None]]) -> list[web.RouteDef]:
    """GET and HEAD /p/name; `find` gives the picture as long as it is to be shown."""

    async def handle_get(request: web.Request) -> web.Response:
        name = parse_picture_name(request.match_info["name"])
        try:
            picture = await find(name) if name else None
        except StoreUnavailable:
            log.warning("a picture cannot be read")
            return web.Response(status=503, text="The picture cannot be shown now.", headers=_HEADERS)
        if picture is None:
            return web.Response(status=404, text="There is no such picture, or no longer.", headers=_HEADERS)
        media_type = MEDIA_TYPE_BY_KIND[picture.kind]
        return web.Response(body=picture.content, content_type=media_type, headers=_HEADERS)

    return [web.get(f"{PATH}{{name}}", handle_get)]
