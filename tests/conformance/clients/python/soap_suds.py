"""suds-community, by the WSDL. First argument: the port, sendSmsSoap or sendSmsSoap12."""

import sys

from reading import Reading, parse_arguments, send_all, tell
from suds.client import Client

arguments = parse_arguments(skip=1)
client = Client(f"{arguments.url}/sendsms/sendsms.asmx?wsdl", cache=None, port=sys.argv[1])


def send(key: str, text: str) -> Reading:
    values = {"till": arguments.recipient, "from": "iP1", "meddelande": text, "prio": "1"}
    return Reading(client.service.sms(konto=arguments.account, passwd=key, **values))


tell("balans", Reading(client.service.balans(konto=arguments.account, passwd=arguments.key)))
send_all(arguments, send)
