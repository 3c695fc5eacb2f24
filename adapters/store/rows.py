"""Rows <-> domain values. Moments are stored as microseconds since 1970 (UTC), mappings as JSON.

The order of columns in a row is that of the SQL file which is named beside it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from adapters.store.statements import Row
from gateway.domain.account import Account
from gateway.domain.intent import (
    LAST_ID,
    PENDING,
    Intent,
    MessageRecord,
    Outcome,
    OutcomeKind,
    StoredIntent,
    render_reference,
)
from gateway.domain.sms import Interface, Priority
from gateway.domain.status import MessageStatus, UpstreamStatus, is_final

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INTERFACES = {interface.value: interface for interface in Interface}
_KINDS = {kind.value: kind for kind in OutcomeKind}
_PRIORITIES = {priority.value: priority for priority in Priority}
_decode_values = msgspec.json.Decoder(dict[str, dict[str, str]]).decode


def to_micros(at: datetime) -> int:
    """A moment as it is stored."""
    return (at - _EPOCH) // _MICROSECOND


def to_micros_or_none(at: datetime | None) -> int | None:
    """A moment as it is stored, where there is one."""
    return None if at is None else to_micros(at)


def to_moment(micros: int) -> datetime:
    """A moment from how it is stored."""
    return _EPOCH + micros * _MICROSECOND


def to_status(code: int | None, at: int | None) -> MessageStatus | None:
    """A message's status; None before the first news."""
    if code is None or at is None:
        return None
    return MessageStatus(code=UpstreamStatus(code), at=to_moment(at))


def is_id(number: int) -> bool:
    """Whether a number can be an id at all; a caller may ask for any."""
    return 0 < number <= LAST_ID


# ---- accounts ----------------------------------------------------------------------------------------------


def account_key(account_id: str) -> str:
    """What account ids are compared by: without case."""
    return account_id.casefold()


def from_account(account: Account) -> Row:
    """An account for save_account.sql."""
    return (
        account_key(account.account_id),
        account.account_id,
        account.api_key_hash,
        account.token_sealed,
        account.token_file,
        account.token_fingerprint,
        to_micros(account.created_at),
    )


def to_account(row: Row) -> Account:
    """An account from find_account.sql, find_account_by_token.sql, list_accounts.sql."""
    account_id, api_key_hash, token_sealed, token_file, token_fingerprint, created_at = row
    return Account(
        account_id=account_id,
        api_key_hash=api_key_hash,
        token_sealed=token_sealed,
        token_file=token_file,
        token_fingerprint=token_fingerprint,
        created_at=to_moment(created_at),
    )


# ---- intents and messages ----------------------------------------------------------------------------------


def from_intent(intent: Intent, kind: OutcomeKind, owner: str, due_at: datetime) -> Row:
    """An intent for add_intent.sql and, with `from_numbers`, for write_lines.sql.

    One that is open is handed to v2 as it is recorded.
    """
    created_at = to_micros(intent.created_at)
    return (
        intent.id,
        intent.bundle_id,
        intent.account_id,
        intent.interface,
        intent.sender,
        intent.body,
        intent.priority,
        None if intent.values is None else msgspec.json.encode(intent.values).decode(),
        to_micros_or_none(intent.opens_at),
        created_at,
        len(intent.numbers),
        len(intent.numbers) - sum(map(is_final, intent.refused.values())),
        kind,
        created_at if kind is OutcomeKind.OPEN else None,
        owner,
        to_micros(due_at),
    )


def from_numbers(intent: Intent) -> Row:
    """An intent's messages for write_lines.sql: the number of each and, where any was refused, its code or None."""
    return intent.numbers, list(map(intent.refused.get, intent.numbers)) if intent.refused else []


def from_messages(intent: Intent) -> list[Row]:
    """An intent's messages for add_message.sql. One that was refused has that as its status from the start."""
    return [
        (
            message_id,
            intent.id,
            number,
            refused := intent.refused.get(number),
            None if refused is None else to_micros(intent.created_at),
        )
        for message_id, number in enumerate(intent.numbers, intent.id)
    ]


def from_outcome(
    intent_id: int, outcome: Outcome, at: datetime, due_at: datetime | None, held_until: datetime | None
) -> Row:
    """An intent's outcome for settle_intent.sql and write_lines.sql.

    A pending one replaces another only while the intent is held; whatever settles an intent, settles it. Raises
    ValueError where a pending one has no `due_at`: nobody would find it again.
    """
    pending = outcome.kind in PENDING
    if pending and due_at is None:
        raise ValueError(f"an intent that is {outcome.kind} needs a time at which it is due")
    return (
        intent_id,
        outcome.kind,
        outcome.batch_id,
        outcome.reason,
        outcome.price,
        outcome.currency,
        to_micros(at),
        to_micros_or_none(due_at),
        to_micros_or_none(held_until) if pending else None,
    )


def to_outcome(row: Row) -> Outcome:
    """An outcome from find_outcome.sql, complete_acceptance.sql, whose columns are in the order of its fields."""
    kind, *found = row
    return Outcome(_KINDS[kind], *found)


def to_message_ids(intents: Iterable[Row]) -> list[int]:
    """The ids of all messages of intents, whose rows begin with their id and message_count.

    PostgreSQL cannot guess how few messages lie between two ids, and plans a list of them far better than a join.
    """
    return [intent[0] + position for intent in intents for position in range(intent[1])]


def to_stored_intents(intents: Iterable[Row], messages: Iterable[Row], *, store_id: str) -> list[StoredIntent]:
    """Intents from load_intents.sql and their messages from load_messages.sql, ids ascending."""
    numbers_by_intent: dict[int, list[str]] = {}
    refused_by_intent: dict[int, dict[str, UpstreamStatus]] = {}
    for intent_id, _message_id, number, refused in messages:
        numbers_by_intent.setdefault(intent_id, []).append(number)
        if refused is not None:
            refused_by_intent.setdefault(intent_id, {})[number] = refused
    return [
        _to_stored_intent(row, tuple(numbers_by_intent[row[0]]), refused_by_intent.get(row[0], {}), store_id)
        for row in intents
    ]


def _to_stored_intent(
    row: Row, numbers: tuple[str, ...], refused: Mapping[str, UpstreamStatus], store_id: str
) -> StoredIntent:
    intent_id, _count, bundle_id, account_id, interface, sender, body, priority, values = row[:9]
    opens_at, created_at = row[9:11]
    attempted_at = row[16]
    intent = Intent(
        id=intent_id,
        bundle_id=bundle_id,
        account_id=account_id,
        interface=_INTERFACES[interface],
        sender=sender,
        body=body,
        priority=_PRIORITIES[priority],
        values=None if values is None else _decode_values(values),
        opens_at=None if opens_at is None else to_moment(opens_at),
        created_at=to_moment(created_at),
        reference=render_reference(store_id, intent_id),
        numbers=numbers,
        refused=refused,
    )
    return StoredIntent(
        intent=intent,
        outcome=to_outcome(row[11:16]),
        attempted_at=None if attempted_at is None else to_moment(attempted_at),
    )


def to_record(row: Row) -> MessageRecord:
    """A message from find_message.sql, load_records.sql, whose columns are in the order of its fields."""
    message_id, intent_id, bundle_id, account_id, interface, sender, recipient, body, values = row[:9]
    priority, opens_at, created_at = row[9:12]
    status, status_at, segments, price, currency = row[17:]
    return MessageRecord(
        message_id,
        intent_id,
        bundle_id,
        account_id,
        _INTERFACES[interface],
        sender,
        recipient,
        body,
        None if values is None else _decode_values(values),
        _PRIORITIES[priority],
        None if opens_at is None else to_moment(opens_at),
        to_moment(created_at),
        to_outcome(row[12:17]),
        to_status(status, status_at),
        segments,
        price,
        currency,
    )
