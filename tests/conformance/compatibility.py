"""docs/compatibility.md: which clients were run against the gateway, and how that went."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from gateway.domain.sms import Interface

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"
RIGHT = "all right"

_INTRODUCTION = """\
# Clients that were tried

Written by `make conformance`, which installs these clients and runs each against a gateway. Every one sends four
texts (Swedish letters with `&` and `<`, a euro sign, an emoji, 400 characters), reads the four ids, and sends with
a wrong API key; those of the web service ask for the balance as well. "All right" means that it read what it
should (an id, a balance, `101`, HTTP status 401), and that v2 received each text once, letter by letter, and
nothing else.

"Another WSDL" is one that the gateway was not told of, with a namespace, actions and types of its own: a program
that was compiled long ago comes with such. The programs are in `tests/conformance/clients`.
"""
_TITLES = {
    Interface.SOAP: "SOAP: sendsms.asmx",
    Interface.ASPX: "HTTP: sendsms.aspx",
    Interface.REST: "REST 1.0: /api/sms/send",
}
_HEAD = "| Client | Version | How it calls | Result |\n|---|---|---|---|\n"
_NOTES = """
Axis 1.4 stubs that are made from the gateway's own WSDL do not compile: it offers each parameter in small letters
and with a capital, and Axis gives both one name. Stubs that exist are not concerned; for new ones, set `soap.wsdl`
to the old description, or take the capitals out of a copy of the new one.

nusoap was written for PHP 4; its constructors were renamed as it was loaded, nothing else.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One client in one way of using it."""

    interface: Interface
    client: str
    version: str
    way: str
    result: str


def render(rows: Iterable[Row]) -> str:
    """The page; rows of one interface stand together."""
    tables = [_render_table(interface, table) for interface, table in groupby(rows, lambda row: row.interface)]
    return "\n".join([_INTRODUCTION, *tables]) + _NOTES


def _render_table(interface: Interface, rows: Iterable[Row]) -> str:
    lines = "".join(f"| {row.client} | {row.version} | {row.way} | {row.result} |\n" for row in rows)
    return f"## {_TITLES[interface]}\n\n{_HEAD}{lines}"


def parse_rows(page: str) -> Iterator[Row]:
    """The rows of a page."""
    interface_by_title = {title: interface for interface, title in _TITLES.items()}
    interface = Interface.SOAP
    for line in page.splitlines():
        if line.startswith("## "):
            interface = interface_by_title[line.removeprefix("## ")]
        elif line.startswith("| ") and line not in _HEAD:
            client, version, way, result = (cell.strip() for cell in line.strip("|").split("|"))
            yield Row(interface=interface, client=client, version=version, way=way, result=result)
