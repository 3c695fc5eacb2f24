"""The address of the service as its caller must use it (asmx-facts 2.8): clients post to what the WSDL names."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress:
    """Composes addresses from requests. `public_url` is scheme and host, and wins."""

    public_url: str | None

    def of(self, request: web.Request) -> str:
        """Scheme, host, and the path as it was requested; no query."""
        origin = self.public_url.rstrip("/") if self.public_url else f"{request.scheme}://{_host(request)}"
        # A header may hold bytes that are no text; aiohttp has them as lone surrogates.
        return origin.encode("utf-8", "replace").decode() + request.rel_url.raw_path


def _host(request: web.Request) -> str:
    """The host that was asked; where HTTP/1.0 names none, the socket that was reached, with its port."""
    socket = request.get_extra_info("sockname")
    if "Host" in request.headers or not socket or request.host.strip("[]") != socket[0]:
        return request.host
    return f"{request.host}:{socket[1]}"
