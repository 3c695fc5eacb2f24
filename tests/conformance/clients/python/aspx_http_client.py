"""http.client: a POST with everything in the query and an unrelated JSON body (as a .NET program had)."""

from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

from reading import Reading, parse_arguments, send_all

arguments = parse_arguments()
connection = HTTPConnection(urlsplit(arguments.url).netloc)


def send(key: str, text: str) -> Reading:
    query = f"acc={arguments.account}&pass={quote(key)}&msg={quote(text)}&to=+{arguments.recipient}&from=iP1"
    body = '{"unrelated": true}'
    connection.request("POST", f"/sendsms.aspx?{query}", body, {"Content-Type": "application/json"})
    return Reading(connection.getresponse().read().decode())


send_all(arguments, send)
