"""What every program here shares: the command line, the calls in order, and telling what was read."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

Send = Callable[[str, str], "Reading"]


@dataclass(frozen=True)
class Reading:
    """What a call gave: the answer's text, and its HTTP status where the interface has codes there."""

    text: str
    status: int | None = None


@dataclass(frozen=True)
class Arguments:
    """What the program was called with."""

    url: str
    account: str
    key: str
    recipient: str
    texts: tuple[str, ...]


def parse_arguments(*, skip: int = 0) -> Arguments:
    """`URL ACCOUNT KEY RECIPIENT TEXT...`, after `skip` arguments of the program's own."""
    url, account, key, recipient, *texts = sys.argv[1 + skip :]
    return Arguments(url=url, account=account, key=key, recipient=recipient, texts=tuple(texts))


def tell(call: str, reading: Reading) -> None:
    """One line of JSON."""
    print(json.dumps({"call": call, "read": reading.text, "status": reading.status}))


def send_all(arguments: Arguments, send: Send) -> None:
    """Send every text, then one with wrong credentials; `send` takes an API key and a text."""
    for text in arguments.texts:
        tell("sms", send(arguments.key, text))
    tell("wrong", send(f"not-{arguments.key}", "never"))
