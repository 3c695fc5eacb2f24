"""The ways in which the sandbox can be told to misbehave, and which of them are armed. No HTTP here."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final, Literal

import msgspec

from adapters.sandbox.errors import Refused


class Kind(StrEnum):
    """What happens. `FAULT_HELP` says it in words."""

    STATUS = "status"
    DELAY = "delay"
    RESET = "reset"
    HANG = "hang"
    GARBAGE = "garbage"
    OVERSIZE = "oversize"
    ACCEPT_THEN_DROP = "accept_then_drop"
    ACCEPT_THEN_HANG = "accept_then_hang"
    DUPLICATE_REPORTS = "duplicate_reports"
    REORDER_REPORTS = "reorder_reports"


REPORT_KINDS: Final = frozenset({Kind.DUPLICATE_REPORTS, Kind.REORDER_REPORTS})

FAULT_HELP: Final[dict[str, str]] = {
    Kind.STATUS: "answer with `status` (503), and `retry_after_seconds` as Retry-After; nothing is done",
    Kind.DELAY: "wait `delay_seconds` (1), then answer as usual",
    Kind.RESET: "reset the connection; nothing is done",
    Kind.HANG: "never answer; nothing is done",
    Kind.GARBAGE: "answer 200 with something that is not JSON; nothing is done",
    Kind.OVERSIZE: "answer 200 with `size_bytes` (64 MiB) of JSON; nothing is done",
    Kind.ACCEPT_THEN_DROP: "do what was asked, then close the connection without an answer",
    Kind.ACCEPT_THEN_HANG: "do what was asked, then never answer",
    Kind.DUPLICATE_REPORTS: "post delivery reports twice",
    Kind.REORDER_REPORTS: "keep delivery reports back until the message's last one, then post them newest first",
    "count": "how many requests (or reports) are hit; left out: no limit",
    "rate": "how likely one is hit, 0 to 1 (1)",
    "method": "only requests with this method",
    "path": "only requests with this path, without the query; * stands for anything",
}

_Positive = Annotated[float, msgspec.Meta(gt=0)]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way to misbehave, as `PUT /sandbox/faults` takes it."""

    kind: Kind
    count: Annotated[int, msgspec.Meta(ge=1)] | None = None
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 503
    retry_after_seconds: Annotated[int, msgspec.Meta(ge=0)] | None = None
    delay_seconds: _Positive = 1.0
    size_bytes: Annotated[int, msgspec.Meta(ge=1)] = 64 * 1024 * 1024
    method: Literal["GET", "POST", "PUT", "DELETE"] | None = None
    path: str | None = None

    def concerns(self, method: str, path: str) -> bool:
        """Say whether a request with this method and path may be hit."""
        return (self.method in {None, method}) and (self.path is None or fnmatchcase(path, self.path))


def parse_faults(document: object) -> list[Fault]:
    """Read one fault or a list of them. Raises Refused."""
    try:
        faults = msgspec.convert(document, Fault | list[Fault])
    except msgspec.ValidationError as wrong:
        raise Refused({"fault": str(wrong)}) from None
    return [faults] if isinstance(faults, Fault) else faults


@dataclass(kw_only=True, slots=True)
class _Armed:
    fault: Fault
    remaining: int | None


class Faults:
    """What is armed. The first armed fault that concerns a request, and that chance picks, hits it."""

    def __init__(self, *, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._armed: list[_Armed] = []

    def arm(self, faults: list[Fault]) -> None:
        """Put these in the place of all that was armed; none disarms."""
        self._armed = [_Armed(fault=fault, remaining=fault.count) for fault in faults]

    def take_for_request(self, method: str, path: str) -> Fault | None:
        """Give the fault that hits this request, if one does, and count it."""
        return self._take(lambda fault: fault.kind not in REPORT_KINDS and fault.concerns(method, path))

    def take_for_report(self, kind: Kind) -> bool:
        """Say whether a fault of this kind hits the next report, and count it."""
        return self._take(lambda fault: fault.kind is kind) is not None

    def _take(self, concerns: Callable[[Fault], bool]) -> Fault | None:
        for armed in self._armed:
            if armed.remaining != 0 and concerns(armed.fault) and self._chance() < armed.fault.rate:
                if armed.remaining is not None:
                    armed.remaining -= 1
                return armed.fault
        return None

    def render(self) -> list[dict[str, Any]]:
        """Show what is armed, with `remaining` hits where they are counted."""
        return [
            msgspec.to_builtins(armed.fault) | ({} if armed.remaining is None else {"remaining": armed.remaining})
            for armed in self._armed
        ]
