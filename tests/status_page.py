"""docs/status-codes.md, printed from the tables."""

from collections.abc import Iterable, Sequence

from gateway.config import Config
from gateway.domain.status import LegacyStatus, StatusTables, is_final

HEAD = """\
# Status codes

Printed from `gateway/domain/status-codes.toml` by `make docs`. An operator replaces single cells in `smsgw.toml`,
such as `[status.message.202]` with `soap = 52`; `smsgw check-config` refuses what would mislead callers.

"""
SEND_HEAD = """\
## What a caller gets when a call fails

SOAP and HTTP answer 200 with the code in the id's place; REST 1.0 answers the HTTP status and `{"Message": ...}`.
The last column is the v2 status of a recipient whose part of a bundle failed so.

"""
MESSAGE_HEAD = """\
## What a message's v2 status is shown as

A scheduled message that has not opened shows 11 instead of 0 or 10.

"""


def render_status_codes() -> str:
    """Every table, as a page."""
    tables = Config().status_tables
    return HEAD + "\n".join((_send_section(tables), _message_section(tables), _legacy_section(tables)))


def _send_section(tables: StatusTables) -> str:
    rows = ((name, row.soap, row.rest_http, row.message) for name, row in tables.send.items())
    return SEND_HEAD + _table(("what happened", "SOAP, HTTP", "REST 1.0", "as a message's v2 status"), rows)


def _message_section(tables: StatusTables) -> str:
    rows: list[Sequence[object]] = [
        (status, row.name, "yes" if is_final(status) else "no", _shown(row.soap), _shown(row.rest))
        for status, row in tables.message.items()
    ]
    rows += [
        (f"{group}xx", "any other", "yes" if group > 1 else "no", _shown(row.soap), _shown(row.rest))
        for group, row in tables.fallback.items()
    ]
    return MESSAGE_HEAD + _table(("v2", "name", "final", "SOAP, HTTP", "REST 1.0"), rows)


def _legacy_section(tables: StatusTables) -> str:
    rows = (
        (code, row.text, _yes(row.final), _yes(row.retry), _yes(row.rest))
        for code, row in sorted(tables.legacy.items())
    )
    return "## The legacy codes\n\n" + _table(("code", "text", "final", "may be sent again", "in REST 1.0"), rows)


def _shown(code: LegacyStatus | None) -> str:
    return "the one before it" if code is None else str(code)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
