"""zeep, by the WSDL. First argument: the port, sendSmsSoap or sendSmsSoap12."""

import sys

from reading import Reading, parse_arguments, send_all, tell
from zeep import Client

arguments = parse_arguments(skip=1)
client = Client(f"{arguments.url}/sendsms/sendsms.asmx?wsdl")
service = client.bind("sendSms", sys.argv[1])


def send(key: str, text: str) -> Reading:
    values = {"till": arguments.recipient, "from": "iP1", "meddelande": text, "prio": "1"}
    return Reading(service.sms(konto=arguments.account, passwd=key, **values))


tell("balans", Reading(service.balans(konto=arguments.account, passwd=arguments.key)))
send_all(arguments, send)
