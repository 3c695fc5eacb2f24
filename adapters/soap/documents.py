"""What the address shows to those who do not call it: WSDL, discovery, and the page for a browser.

Everything is rendered from the operation table. `address` is the whole URL of the service without its query, as the
caller must use it (asmx-facts 2.8).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

import jinja2

from adapters.soap import samples
from adapters.soap.operations import Operation, OperationTable
from adapters.soap.operator_wsdl import OperatorWsdl


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpBinding:
    """A binding that is no SOAP: `x.asmx/sms?konto=...`, or the same as a form."""

    name: str
    verb: str


HTTP_BINDINGS = (HttpBinding(name="HttpGet", verb="GET"), HttpBinding(name="HttpPost", verb="POST"))

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("adapters.soap"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The documents of one service. `still_original` says which parts of it are the old one's.

    `operator_wsdl` is served in place of ours.
    """

    table: OperationTable
    still_original: str
    http_bindings: bool
    operator_wsdl: OperatorWsdl | None = None

    def wsdl(self, address: str) -> str:
        """The operator's own description, or one in the old platform's shape (asmx-facts 2.1)."""
        if self.operator_wsdl is not None:
            return self.operator_wsdl.render(address)
        http_bindings = HTTP_BINDINGS if self.http_bindings else ()
        ports = [("soap", "Soap"), ("soap12", "Soap12"), *(("http", binding.name) for binding in http_bindings)]
        return self._render("service.wsdl", address, http_bindings=http_bindings, ports=ports)

    def disco(self, address: str) -> str:
        """Where tools that were given the bare address find the description (asmx-facts 2.11, 2.37)."""
        return self._render("service.disco", address)

    def index(self, address: str) -> str:
        """The page with all operations (asmx-facts 2.36)."""
        return self._render("index.html", address)

    def operation(self, address: str, operation: Operation) -> str:
        """The page of one operation with its samples (asmx-facts 2.38)."""
        return self._render(
            "operation.html",
            address,
            operation=operation,
            http_bindings=self.http_bindings,
            samples=samples.samples_of(self.table, operation, address),
        )

    def error(self, problem: str) -> str:
        """The page for a request that is none of the above."""
        return _TEMPLATES.get_template("error.html").render(problem=problem)

    def _render(self, template: str, address: str, **values: object) -> str:
        path = urlsplit(address).path
        return _TEMPLATES.get_template(template).render(
            table=self.table,
            still_original=self.still_original,
            address=address,
            path=path,
            file=path.rpartition("/")[2],
            **values,
        )
