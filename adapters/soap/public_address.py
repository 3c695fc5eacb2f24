"""The address of the service as its caller must use it (asmx-facts 2.8): clients post to what the WSDL names."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress:
    """Composes addresses from requests. `public_url` is scheme and host, and wins."""

    public_url: str | None

    def of(self, request: web.Request) -> str:
        """Scheme, host, and the path as it was requested; no query."""
        origin = self.public_url.rstrip("/") if self.public_url else f"{request.scheme}://{request.host}"
        return origin + request.rel_url.raw_path
