"""GET on the service's address: what it is, for programs and for people."""

from dataclasses import dataclass

from aiohttp import web

from adapters import queries
from adapters.soap.documents import Documents
from adapters.soap.public_address import PublicAddress
from adapters.web import raw_query

_CACHE_CONTROL = "private, max-age=0"  # asmx-facts 2.10
_XML = "text/xml"
_HTML = "text/html"

# asmx-facts 2.9: a keyword with a value names a description by that value, and there is only the one.
_NOT_FOUND_BY_KEYWORD = {
    "wsdl": "XML Web service description was not found.",
    "disco": "XML Web service description was not found.",
    "schema": "Schema not found.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Answers everything that is no call."""

    documents: Documents
    address: PublicAddress

    async def handle_get(self, request: web.Request) -> web.Response:
        """The WSDL, discovery, or a page, by the query (asmx-facts 2.9, 2.36)."""
        address = self.address.of(request)
        query = raw_query(request)
        keywords, values = queries.parse_keywords(query), queries.parse(query)
        if "wsdl" in keywords:
            return _document(self.documents.wsdl(address), _XML)
        if "disco" in keywords:
            return _document(self.documents.disco(address), _XML)
        for keyword, problem in _NOT_FOUND_BY_KEYWORD.items():
            if keyword in values:
                return _document(problem, "text/plain", status=500)
        operation = self.documents.table.find(values.get("op", ""))
        page = self.documents.operation(address, operation) if operation else self.documents.index(address)
        return _document(page, _HTML)

    async def handle_other_verb(self, _request: web.Request) -> web.Response:
        """405 with a page (asmx-facts 2.12)."""
        headers = {"Cache-Control": "private", "Allow": "GET, POST"}
        page = self.documents.error("The HTTP verb used to access this page is not allowed.")
        return web.Response(status=405, headers=headers, text=page, content_type=_HTML, charset="utf-8")


def _document(text: str, content_type: str, *, status: int = 200) -> web.Response:
    headers = {"Cache-Control": _CACHE_CONTROL}
    return web.Response(status=status, headers=headers, text=text, content_type=content_type, charset="utf-8")
