"""urllib with HTTP Basic."""

import json
from base64 import b64encode
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from reading import Reading, parse_arguments, send_all

arguments = parse_arguments()


def send(key: str, text: str) -> Reading:
    credentials = b64encode(f"{arguments.account}:{key}".encode()).decode()
    document = {"From": "iP1", "Numbers": [arguments.recipient], "Message": text, "Prio": 1, "Email": False}
    request = Request(
        f"{arguments.url}/api/sms/send",
        json.dumps(document).encode(),
        {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Basic {credentials}"},
    )
    try:
        with urlopen(request) as answer:
            return Reading(str(json.load(answer)[0]["ID"]), answer.status)
    except HTTPError as error:
        return Reading(json.load(error)["Message"], error.code)


send_all(arguments, send)
