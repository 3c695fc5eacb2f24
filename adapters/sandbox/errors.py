"""What the sandbox refuses to do, without HTTP."""

from collections.abc import Mapping


class Refused(Exception):
    """The caller's data is wrong: a text for each wrong field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = dict(errors)


class NotFuture(Exception):
    """The batch has opened, or is cancelled already: it can not be cancelled."""


class NobodyToTell(Exception):
    """An incoming SMS has no account that could get it."""
