"""The message and batch statuses of v2, and the way a message takes through them.

Source: the provider's table of status codes; contract/status-codes.toml, table `message`.
"""

from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """A message status of v2. The first digit is its group: info, success, rejection, error."""

    ACCEPTED = 101
    QUEUED = 102
    FUNDED = 103
    REFUNDED = 104
    SENDING = 110
    DELIVERED_TO_GATEWAY = 111
    DELIVERED_TO_CARRIER = 112
    DELIVERED_TO_GSM = 113
    QUEUED_AT_GATEWAY = 114
    DELIVERED_TO_HANDSET = 201
    EXPIRED = 202
    CANCELED = 203
    INSUFFICIENT_FUNDS = 402
    SENDER_REJECTED = 403
    CONTENT_REJECTED = 404
    RECIPIENT_REJECTED = 405
    GENERIC_REJECTED = 406
    INVALID_SENDER = 407
    INVALID_CONTENT = 408
    INVALID_RECIPIENT = 409
    MISSING_SMS_SUBSCRIPTION = 410
    INTERNAL_ERROR = 500
    UNKNOWN_SUBSCRIBER = 501
    SUBSCRIBER_UNREACHABLE = 502
    SUBSCRIBER_OFFLINE = 503
    DELIVERY_TO_GATEWAY_FAILED = 511
    DELIVERY_TO_CARRIER_FAILED = 512
    DELIVERY_TO_GSM_FAILED = 513
    DELIVERY_TO_HANDSET_FAILED = 514
    GENERIC_DELIVERY_FAILURE = 515
    GATEWAY_ERROR = 516
    UNKNOWN = 599

    @property
    def is_final(self) -> bool:
        """Whether the message's fate is settled. 503 is not: delivery goes on once the phone is back."""
        return self >= Status.DELIVERED_TO_HANDSET and self is not Status.SUBSCRIBER_OFFLINE


class BatchStatus(IntEnum):
    """The status of a whole batch."""

    PLANNED = 101
    ONGOING = 111
    SENT = 112
    INCOMING = 201
    CANCELED = 203


Path = tuple[Status, ...]

HAPPY_PATH: Final[Path] = (
    Status.ACCEPTED,
    Status.QUEUED,
    Status.FUNDED,
    Status.SENDING,
    Status.DELIVERED_TO_GATEWAY,
    Status.DELIVERED_TO_CARRIER,
    Status.DELIVERED_TO_GSM,
    Status.DELIVERED_TO_HANDSET,
)

LAST_GOOD_BY_FATE: Final[dict[Status, Status]] = {
    # how far along the happy path a message comes before this happens to it
    Status.REFUNDED: Status.SENDING,
    Status.QUEUED_AT_GATEWAY: Status.DELIVERED_TO_GATEWAY,
    Status.EXPIRED: Status.DELIVERED_TO_GSM,
    Status.CANCELED: Status.ACCEPTED,
    Status.INSUFFICIENT_FUNDS: Status.ACCEPTED,
    Status.SENDER_REJECTED: Status.ACCEPTED,
    Status.CONTENT_REJECTED: Status.ACCEPTED,
    Status.RECIPIENT_REJECTED: Status.ACCEPTED,
    Status.GENERIC_REJECTED: Status.ACCEPTED,
    Status.INVALID_SENDER: Status.ACCEPTED,
    Status.INVALID_CONTENT: Status.ACCEPTED,
    Status.INVALID_RECIPIENT: Status.ACCEPTED,
    Status.MISSING_SMS_SUBSCRIPTION: Status.ACCEPTED,
    Status.INTERNAL_ERROR: Status.SENDING,
    Status.UNKNOWN_SUBSCRIBER: Status.DELIVERED_TO_CARRIER,
    Status.SUBSCRIBER_UNREACHABLE: Status.DELIVERED_TO_GSM,
    Status.SUBSCRIBER_OFFLINE: Status.DELIVERED_TO_GSM,
    Status.DELIVERY_TO_GATEWAY_FAILED: Status.SENDING,
    Status.DELIVERY_TO_CARRIER_FAILED: Status.DELIVERED_TO_GATEWAY,
    Status.DELIVERY_TO_GSM_FAILED: Status.DELIVERED_TO_CARRIER,
    Status.DELIVERY_TO_HANDSET_FAILED: Status.DELIVERED_TO_GSM,
    Status.GENERIC_DELIVERY_FAILURE: Status.DELIVERED_TO_CARRIER,
    Status.GATEWAY_ERROR: Status.DELIVERED_TO_GATEWAY,
    Status.UNKNOWN: Status.DELIVERED_TO_GSM,
}


def _happy_path_to(last: Status) -> Path:
    return HAPPY_PATH[: HAPPY_PATH.index(last) + 1]


def _path_to(fate: Status) -> Path:
    if fate in HAPPY_PATH:
        return _happy_path_to(fate)
    way = _happy_path_to(LAST_GOOD_BY_FATE[fate])
    if fate is Status.REFUNDED:  # a refund follows a failure, so there is one to refund
        return (*way, Status.GENERIC_DELIVERY_FAILURE, fate)
    return (*way, fate)


PATH_BY_FATE: Final[dict[Status, Path]] = {fate: _path_to(fate) for fate in Status}
"""Every status a message goes through, from 101 on, by the status that it is fated to.

Each ends in the status it is fated to. The one that ends in 104 shows what a refund looks like: a failure first.
"""

_FATE_BY_ENDING: Final[dict[str, Status]] = {f"0{fate:d}": fate for fate in Status}


def choose_fate(recipient: str) -> Status:
    """Give the status that a recipient's last four digits ask for: `46700000409` ends in 409, others in 201."""
    return _FATE_BY_ENDING.get(recipient[-4:], Status.DELIVERED_TO_HANDSET)
