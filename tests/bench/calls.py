"""The measured calls as Python sends them; load.lua has the same for wrk."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.intent import FIRST_ID_DEFAULT
from tests.system import ACCOUNT, API_KEY

_BASIC = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:{API_KEY}".encode()).decode()}
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    f'<soap:Body><sms xmlns="http://tempuri.org/"><konto>{ACCOUNT}</konto><passwd>{API_KEY}</passwd>'
    "<till>46701234567</till><from>Example</from><meddelande>Your parcel is here</meddelande><prio>1</prio></sms>"
    "</soap:Body></soap:Envelope>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One HTTP request."""

    method: str = "POST"
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def render(self) -> bytes:
        """The bytes of it."""
        headers = {"Host": "127.0.0.1", "Content-Length": str(len(self.body)), **self.headers}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", self.body]).encode()


CALLS: Mapping[str, HttpCall] = {
    "aspx": HttpCall(
        method="GET",
        path=f"/sendsms.aspx?acc={ACCOUNT}&pass={API_KEY}&from=Example&to=46701234567&msg=Your+parcel+is+here&prio=1",
    ),
    "rest": HttpCall(
        path="/api/sms/send",
        headers={"Content-Type": "application/json", **_BASIC},
        body='{"From":"Example","Numbers":["46701234567"],"Message":"Your parcel is here"}',
    ),
    "soap": HttpCall(
        path="/sendsms/sendsms.asmx",
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://tempuri.org/sms"'},
        body=_ENVELOPE,
    ),
    "status": HttpCall(method="GET", path=f"/api/sms/sent/{FIRST_ID_DEFAULT}", headers=_BASIC),
    "upstream": HttpCall(path="/v2/batches", body='{"recipients":["46701234567"],"body":"Your parcel is here"}'),
}
