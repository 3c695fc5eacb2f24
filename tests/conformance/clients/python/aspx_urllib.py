"""urllib. First argument: get (everything in the query) or post (a form)."""

import sys
from urllib.parse import urlencode
from urllib.request import urlopen

from reading import Reading, parse_arguments, send_all

arguments = parse_arguments(skip=1)


def send(key: str, text: str) -> Reading:
    values = {
        "acc": arguments.account,
        "pass": key,
        "to": arguments.recipient,
        "from": "iP1",
        "msg": text,
        "prio": 1,
    }
    encoded = urlencode(values)
    address = f"{arguments.url}/sendsms.aspx"
    post = sys.argv[1] == "post"
    with urlopen(address, encoded.encode()) if post else urlopen(f"{address}?{encoded}") as answer:
        return Reading(answer.read().decode())


send_all(arguments, send)
