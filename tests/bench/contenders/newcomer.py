"""What a newcomer would build: Spyne's own WSGI server, and requests towards v2. Served by gunicorn.

Nothing is stored, and anybody may send. UPSTREAM_URL is read from the environment.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

import requests

from adapters.soap.spyne_import import ServiceBase, Unicode, rpc  # before the rest of Spyne, which needs its help

from spyne.application import Application  # isort: skip
from spyne.protocol.soap import Soap11  # isort: skip
from spyne.server.wsgi import WsgiApplication  # isort: skip

UPSTREAM_URL = os.environ.get("UPSTREAM_URL", "")


class SendSms(ServiceBase):  # type: ignore[misc]  # Spyne has no types
    """sendsms.asmx with the one operation that is measured."""

    @rpc(Unicode, Unicode, Unicode, Unicode, Unicode, _returns=Unicode)  # type: ignore[untyped-decorator]  # as above
    def sms(ctx: Any, konto: str, passwd: str, till: str, meddelande: str, prio: str) -> str:  # noqa: N805
        batch = {"sender": konto, "recipients": [till], "body": meddelande}
        answer = requests.post(UPSTREAM_URL, json=batch, headers={"Authorization": f"Bearer {passwd}"}, timeout=10)
        return str(answer.json()["id"])


app: Callable[..., Iterable[bytes]] = WsgiApplication(
    Application([SendSms], tns="http://tempuri.org/", in_protocol=Soap11(), out_protocol=Soap11())
)
