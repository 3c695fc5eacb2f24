"""Signatures in the Standard Webhooks format. No I/O.

Facts (the Standard Webhooks specification): headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and
`webhook-signature`, a list of `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. A secret is written
`whsec_` and base64, of 24 to 64 bytes.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.domain.errors import ForwardFailed

_PREFIX: Final = "whsec_"


def render_headers(notice_id: str, at: datetime, body: bytes, secret: str | None) -> Mapping[str, str]:
    """The headers that go with `body`; without a secret the signature is left out. Raises ForwardFailed."""
    timestamp = str(int(at.timestamp()))
    headers = {"webhook-id": notice_id, "webhook-timestamp": timestamp}
    if secret is not None:
        signed = f"{notice_id}.{timestamp}.".encode() + body
        digest = hmac.digest(_parse_secret(secret), signed, hashlib.sha256)
        headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    return headers


def _parse_secret(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not (secret.startswith(_PREFIX) and key):
        raise ForwardFailed("forward_secret must be whsec_ and base64")
    return key
