"""The clients: what each is, how it calls, and the program that drives it."""

from dataclasses import dataclass
from pathlib import Path

from gateway.domain.sms import Interface
from tests.system import API_KEY, TOKEN

FOLDER = Path(__file__).parent / "clients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What programs call with. `version` is a command that prints its version; `build` is as for Client."""

    name: str
    version: tuple[str, ...]
    build: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A library in one way of using it.

    `command` runs in FOLDER; `{built}` in it is a directory for what is built and cached, `{python}` the
    interpreter of the tests. The program gets the gateway's address, the account, `key`, a recipient and the texts
    to send, and prints a line of JSON for each call. The library's `build` runs first: a script that gets `{built}`
    and the address.
    """

    library: Library
    interface: Interface
    way: str
    command: tuple[str, ...]
    key: str = API_KEY

    @property
    def id(self) -> str:
        """For reports."""
        return f"{self.library.name}, {self.interface}, {self.way}"


def _installed(distribution: str) -> tuple[str, ...]:
    return ("{python}", "-c", f"import importlib.metadata as m; print(m.version('{distribution}'))")


def _packaged(package: str) -> tuple[str, ...]:
    return ("dpkg-query", "--show", "--showformat=${Version}", package)


_PHP_VERSION = ("php", "-r", "echo PHP_VERSION;")
_PYTHON_VERSION = ("{python}", "-c", "import platform; print(platform.python_version())")
_MONO_VERSION = ("sh", "-c", r"mono --version | sed -n 's/.* version \([0-9.]*\).*/\1/p'")

PHP_SOAP = Library(name="PHP SoapClient", version=_PHP_VERSION)
PHP_STREAM = Library(name="PHP file_get_contents", version=_PHP_VERSION)
NUSOAP = Library(name="nusoap", version=_packaged("libnusoap-php"))
ZEEP = Library(name="zeep", version=_installed("zeep"))
SUDS = Library(name="suds-community", version=_installed("suds-community"))
URLLIB = Library(name="Python urllib", version=_PYTHON_VERSION)
HTTP_CLIENT = Library(name="Python http.client", version=_PYTHON_VERSION)
NODE_SOAP = Library(
    name="node soap", version=("node", "-p", "require('./node/node_modules/soap/package.json').version")
)
NODE_FETCH = Library(name="Node.js fetch", version=("node", "--version"))
SOAP_LITE = Library(name="Perl SOAP::Lite", version=("perl", "-MSOAP::Lite", "-e", "print $SOAP::Lite::VERSION"))
CURL = Library(name="curl", version=("sh", "-c", "curl --version | cut -d' ' -f2 | head -n 1"))
MONO_PROXY = Library(name="Mono wsdl.exe proxy", version=_MONO_VERSION, build="csharp/build.sh")
MONO_HTTP = Library(name="Mono HttpClient", version=_MONO_VERSION, build="csharp/build.sh")
AXIS = Library(name="Java Axis 1.4 stub", version=_packaged("libaxis-java"), build="java/build.sh")

_PHP = ("php", "-d", "soap.wsdl_cache_dir={built}")


def _soap(library: Library, way: str, *command: str) -> Client:
    return Client(library=library, interface=Interface.SOAP, way=way, command=command)


def _aspx(library: Library, way: str, *command: str) -> Client:
    return Client(library=library, interface=Interface.ASPX, way=way, command=command)


def _rest(library: Library, way: str, *command: str, key: str = API_KEY) -> Client:
    return Client(library=library, interface=Interface.REST, way=way, command=command, key=key)


CLIENTS = (
    _soap(PHP_SOAP, "the provider's sample: WSDL, SOAP 1.1", *_PHP, "php/sample_soap.php"),
    _soap(PHP_SOAP, "WSDL, SOAP 1.2, capitals for balans", *_PHP, "php/soap_wsdl_12.php"),
    _soap(PHP_SOAP, "no WSDL, SOAP 1.1", *_PHP, "php/soap_no_wsdl.php", "1.1"),
    _soap(PHP_SOAP, "no WSDL, SOAP 1.2", *_PHP, "php/soap_no_wsdl.php", "1.2"),
    _soap(NUSOAP, "WSDL, over HTTP/1.0", *_PHP, "php/nusoap.php", "wsdl"),
    _soap(NUSOAP, "no WSDL, over HTTP/1.0", *_PHP, "php/nusoap.php", "bare"),
    _soap(ZEEP, "WSDL, SOAP 1.1", "{python}", "python/soap_zeep.py", "sendSmsSoap"),
    _soap(ZEEP, "WSDL, SOAP 1.2", "{python}", "python/soap_zeep.py", "sendSmsSoap12"),
    _soap(SUDS, "WSDL, SOAP 1.1", "{python}", "python/soap_suds.py", "sendSmsSoap"),
    _soap(SUDS, "WSDL, SOAP 1.2", "{python}", "python/soap_suds.py", "sendSmsSoap12"),
    _soap(NODE_SOAP, "WSDL, SOAP 1.1", "node", "node/soap.js", "1.1"),
    _soap(NODE_SOAP, "WSDL, SOAP 1.2", "node", "node/soap.js", "1.2"),
    _soap(SOAP_LITE, "no WSDL, its own SOAPAction, base64 for Swedish", "perl", "perl/soap_lite.pl", "bare"),
    _soap(SOAP_LITE, "no WSDL, .NET's SOAPAction", "perl", "perl/soap_lite.pl", "action"),
    _soap(SOAP_LITE, "WSDL", "perl", "perl/soap_lite.pl", "wsdl"),
    _soap(CURL, "an envelope written by hand", "sh", "sh/soap_curl.sh"),
    _soap(MONO_PROXY, "made from the gateway's WSDL", "mono", "{built}/current.exe"),
    _soap(MONO_PROXY, "made from another WSDL", "mono", "{built}/compiled.exe"),
    _soap(AXIS, "made from another WSDL, over HTTP/1.0", "sh", "java/run.sh", "{built}"),
    _aspx(PHP_STREAM, "the provider's sample: GET with a form as well", *_PHP, "php/sample_aspx.php"),
    _aspx(CURL, "GET, the number's + not escaped", "sh", "sh/aspx_curl.sh"),
    _aspx(URLLIB, "GET", "{python}", "python/aspx_urllib.py", "get"),
    _aspx(URLLIB, "POST of a form", "{python}", "python/aspx_urllib.py", "post"),
    _aspx(HTTP_CLIENT, "POST, all in the query, an unrelated JSON body", "{python}", "python/aspx_http_client.py"),
    _rest(PHP_STREAM, "the provider's sample: HTTP Basic", *_PHP, "php/sample_rest.php"),
    _rest(CURL, "HTTP Basic", "sh", "sh/rest_curl.sh"),
    _rest(URLLIB, "HTTP Basic", "{python}", "python/rest_urllib.py"),
    _rest(HTTP_CLIENT, "a v2 token as Bearer", "{python}", "python/rest_http_client.py", key=TOKEN),
    _rest(NODE_FETCH, "HTTP Basic", "node", "node/rest.js"),
    _rest(MONO_HTTP, "the provider's C# sample: HTTP Basic", "mono", "{built}/rest.exe"),
)
