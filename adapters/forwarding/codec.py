"""A notice as a caller's own system gets it, in legacy terms. No I/O.

The JSON object has the names that REST 1.0 uses for the same things (legacy.md, REST 1.0). In an address `{id}`,
`{bundle}`, `{status}`, `{text}`, `{from}`, `{to}`, `{message}` and `{at}` are replaced, percent-encoded as UTF-8;
what has no value becomes empty, and any other name stays as it is.
"""

import re
import string
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from gateway.domain.report import ForwardKind, Notice

_ENCODER: Final = msgspec.json.Encoder()
_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")
_AUTHORITY: Final = re.compile(r"[A-Za-z]+://[^/?#]*")


def render_document(notice: Notice) -> bytes:
    """The JSON of a notice."""
    document: dict[str, object] = {"ID": notice.id, "From": notice.sender, "To": notice.recipient}
    if notice.kind is ForwardKind.REPORT:
        document |= {
            "BundleID": notice.bundle_id,
            "Status": notice.status,
            "StatusDescription": notice.status_text,
            "UpdatedDate": notice.at.isoformat(),
        }
    else:
        document |= {"Message": notice.body, "CreatedDate": notice.at.isoformat()}
    return _ENCODER.encode(document)


def render_address(template: str, notice: Notice) -> str:
    """The address with its placeholders replaced, ready for the wire. Scheme and host are never touched."""
    authority = _AUTHORITY.match(template)
    start = authority.end() if authority else 0
    values = _values_of(notice)

    def replace(found: re.Match[str]) -> str:
        return quote(values[found[1]], safe="") if found[1] in values else found[0]

    rest = quote(template[start:], safe=string.punctuation)
    return template[:start] + _PLACEHOLDER.sub(replace, rest)


def _values_of(notice: Notice) -> Mapping[str, str]:
    values = {
        "id": notice.id,
        "bundle": notice.bundle_id,
        "status": notice.status,
        "text": notice.status_text,
        "from": notice.sender,
        "to": notice.recipient,
        "message": notice.body,
        "at": notice.at.isoformat(),
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}
