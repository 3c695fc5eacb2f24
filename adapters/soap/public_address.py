"""The address of the service as its caller must use it (asmx-facts 2.8): clients post to what the WSDL names."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress:
    """Composes addresses from requests.

    `public_url` is scheme and host, and wins. `trust_forwarded_headers` believes X-Forwarded-Proto and -Host.
    """

    public_url: str | None
    trust_forwarded_headers: bool

    def of(self, request: web.Request) -> str:
        """Scheme, host, and the path as it was requested; no query."""
        return self._origin(request) + request.rel_url.raw_path

    def _origin(self, request: web.Request) -> str:
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme, host = request.scheme, request.host
        if self.trust_forwarded_headers:
            forwarded = _first(request.headers.get("X-Forwarded-Proto")).lower()
            scheme = forwarded if forwarded in ("http", "https") else scheme
            host = _first(request.headers.get("X-Forwarded-Host")) or host
        return f"{scheme}://{host}"


def _first(header: str | None) -> str:
    return (header or "").partition(",")[0].strip()
