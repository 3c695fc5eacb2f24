"""The JSON documents of v2, as plain dictionaries. Field names and their order are the provider's."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from adapters.sandbox.model import CURRENCY, Account, Batch, Change, Message

Document = dict[str, Any]


def render_time(moment: datetime) -> str:
    """Render in the provider's form: UTC, whole seconds, `2018-10-23T17:43:19Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def render_batch(batch: Batch) -> Document:
    """Render a batch as a collection shows it: without the two summaries."""
    draft = batch.draft
    return {
        "id": batch.id,
        "sender": draft.sender,
        "body": draft.body,
        "owner": batch.owner,
        "direction": batch.direction.value,
        "type": draft.type,
        "datacoding": draft.datacoding.value,
        "priority": draft.priority,
        "templated": draft.templated,
        "deliveryWindows": [
            {"opens": render_time(window.opens_at), "closes": render_time(window.closes_at)}
            for window in draft.windows
        ],
        "status": int(batch.status),
        "deliveryReportUrl": draft.delivery_report_url,
        "reference": draft.reference,
        "tags": list(draft.tags),
    }


def render_whole_batch(batch: Batch) -> Document:
    """Render a batch with `priceSummary` and `messageSummary`."""
    total = sum(message.price_ore for message in batch.messages)
    return render_batch(batch) | {
        "priceSummary": {
            "total": total / 100,
            "currency": CURRENCY,
            "average": round(total / 100 / len(batch.messages), 4),
        },
        "messageSummary": _summarise(batch.messages),
    }


def _summarise(messages: list[Message]) -> dict[str, dict[str, int]]:
    count, segments = Counter[int](), Counter[int]()
    for message in messages:
        code = int(message.latest.status)
        count[code] += 1
        segments[code] += message.segments
    return {str(code): {"messages": count[code], "sms": segments[code]} for code in sorted(count)}


def render_message(batch: Batch, message: Message, *, whole_history: bool) -> Document:
    """Render a message with all its statuses, oldest first, or with the latest alone.

    `datacoding` is the alphabet that the text needed, not the largest that the batch allowed.
    `mcc` and `mnc` are null: the sandbox looks no number up.
    """
    changes = message.changes if whole_history else message.changes[-1:]
    return {
        "id": message.id,
        "batchId": batch.id,
        "owner": batch.owner,
        "sender": batch.draft.sender,
        "recipient": message.recipient,
        "body": message.body,
        "direction": batch.direction.lower(),
        "segments": message.segments,
        "type": batch.draft.type.upper(),
        "datacoding": message.coding.value,
        "priority": batch.draft.priority,
        "price": message.price_ore / 100,
        "currency": CURRENCY,
        "statuses": [_render_change(change) for change in changes],
        "modified": render_time(message.latest.created_at),
        "reference": batch.draft.reference,
        "mcc": None,
        "mnc": None,
    }


def _render_change(change: Change) -> Document:
    """Render a status. The provider's samples: `duration` 1 beside 201, 0 beside 102."""
    return {
        "created": render_time(change.created_at),
        "code": int(change.status),
        "duration": int(change.status.is_final),
    }


def render_report(batch: Batch, message: Message, change: Change) -> Document:
    """Render the delivery report of one change of one message."""
    return {
        "id": message.id,
        "batchId": batch.id,
        "recipient": message.recipient,
        "code": int(change.status),
        "duration": int(change.status.is_final),
        "created": render_time(change.created_at),
        "segments": message.segments,
        "price": message.price_ore / 100,
        "currency": CURRENCY,
        "reference": batch.draft.reference,
    }


def render_sender(name: str, created_at: datetime) -> Document:
    """Render a registered sender."""
    return {"sender": name, "created": render_time(created_at)}


def render_account(account: Account) -> Document:
    """Render the answer of `GET /api/me`, the one document with capital letters."""
    return {
        "Account": account.id,
        "Organization": "Sandbox",
        "Type": "swedish",
        "Balance": account.balance_ore / 100,
        "Currency": CURRENCY,
    }
