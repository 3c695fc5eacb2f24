"""http.client, one connection for all calls. The key is a v2 token, sent as Bearer."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

from reading import Reading, parse_arguments, send_all

arguments = parse_arguments()
connection = HTTPConnection(urlsplit(arguments.url).netloc)


def send(key: str, text: str) -> Reading:
    document = {"From": "iP1", "Numbers": [arguments.recipient], "Contacts": None, "Groups": None, "Message": text}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    body = json.dumps(document, ensure_ascii=False).encode()
    connection.request("POST", "/api/sms/send", body, headers)
    answer = connection.getresponse()
    read = json.load(answer)
    return Reading(str(read[0]["ID"]) if answer.status == 201 else read["Message"], answer.status)


send_all(arguments, send)
