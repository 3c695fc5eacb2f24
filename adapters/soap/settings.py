"""What an operator can say about the SOAP interface."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapSettings:
    """The section `[soap]` of the configuration.

    `namespace` is what the published WSDL says; callers may send any. `operation_names` renames operations: our
    name -> the published one. `parameter_names` adds spellings: an old program's name -> ours, or "" to ignore it.
    `wsdl` is the operator's own copy of the old WSDL, served and obeyed in place of ours; `ignored_operations` of
    it are not offered.
    `public_url` (scheme and host, no path) is what WSDL and pages name in place of what the request says.
    `time_zone` is where local times are. `mms_as_sms_link`: an MMS goes out as an SMS with links to its pictures.
    """

    namespace: str = "http://tempuri.org/"  # what the platform used where nobody chose one (asmx-facts N2)
    operation_names: Mapping[str, str] = field(default_factory=dict)
    parameter_names: Mapping[str, str] = field(default_factory=dict)
    wsdl: Path | None = None
    ignored_operations: tuple[str, ...] = ()
    http_bindings: bool = False
    public_url: str | None = None
    time_zone: str = "Europe/Stockholm"
    mms_as_sms_link: bool = False
