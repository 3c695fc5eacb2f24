"""What can go wrong, named by what happened and sorted by whose fault it is.

No class here carries a number of any interface: the table that maps them is `gateway.domain.status`.
Messages are read by people and end up in answers and logs, so they hold no key, no text and no full number.
"""


class GatewayError(Exception):
    """Anything the gateway reports on purpose."""


# ---- the caller's fault: tell him what to change -----------------------------------------------------------


class CallerError(GatewayError):
    """The caller sent something that cannot be done; sending it again unchanged will not help."""


class WrongCredentials(CallerError):
    """The account id is unknown or the API key is not its key."""


class BadParameter(CallerError):
    """A parameter is missing or cannot be read."""

    def __init__(self, parameter: str, problem: str) -> None:
        super().__init__(f"{parameter}: {problem}")
        self.parameter = parameter
        self.problem = problem


class TooLarge(CallerError):
    """The request is larger than the gateway reads."""


class InvalidRecipient(CallerError):
    """No recipient is a phone number."""


class InvalidBody(CallerError):
    """The text is blank, too long, or refused by the provider."""


class InvalidSender(CallerError):
    """The sender is neither a number nor 3 to 11 letters and digits, or the provider refuses it."""


class InsufficientCredits(CallerError):
    """The account's balance does not cover the message."""


class NotFound(CallerError):
    """There is no such message or bundle, or it belongs to another account."""


class NothingScheduled(CallerError):
    """There is nothing left to cancel under that id."""


# ---- the upstream's fault ----------------------------------------------------------------------------------


class UpstreamError(GatewayError):
    """The provider's REST v2 did not do what was asked."""


class TokenRefused(UpstreamError):
    """v2 refused our bearer token (401, 403): the operator must renew it, the caller did nothing wrong."""


class UpstreamRefused(UpstreamError):
    """v2 refused the request for a reason that names no field of it."""


class RateLimited(UpstreamError):
    """v2 answered 429; nothing was sent."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class UpstreamUnavailable(UpstreamError):
    """v2 cannot be reached, or says 503; nothing was sent."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknown(UpstreamError):
    """The request left us and no trustworthy answer came back: the messages may or may not be sent."""


# ---- our own fault -----------------------------------------------------------------------------------------


class GatewayFault(GatewayError):
    """The gateway itself cannot do it now."""


class StoreUnavailable(GatewayFault):
    """The store does not answer, or the disk is full: nothing is sent that cannot be recorded."""


class GatewayOverloaded(GatewayFault):
    """More is open than the configuration allows."""


class IdsExhausted(GatewayFault):
    """Every id that fits a signed 32-bit integer has been handed out."""


class SendFailed(GatewayError):
    """A send that ended while its caller was not there; `reason` is its row of the send table."""

    def __init__(self, reason: str) -> None:
        super().__init__("the message was not sent")
        self.reason = reason


class ForwardFailed(GatewayError):
    """The caller's own system did not take a notice; the text says why, for the operator."""


class ConfigurationError(GatewayError):
    """The configuration or the command line cannot be used; each problem is one line.

    Raised at start-up with every problem at once.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
