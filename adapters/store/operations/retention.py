"""Retention: what was said is erased, then everything is deleted; in small steps, oldest first."""

from datetime import datetime
from itertools import accumulate

from adapters.store import rows
from adapters.store.statements import Operation, Row, query
from gateway.domain.report import ForwardKind

NOT_ERASED, ERASED = 0, 1
MESSAGES_AT_ONCE = 2000


def erase_texts(*, before: datetime, limit: int) -> Operation[int]:
    """Erase texts and numbers. Reports without a message hold a number and nothing else: they go altogether."""
    moment = rows.to_micros(before)
    intents = _take_step((yield from _find_old("old_intents", NOT_ERASED, moment, limit)))
    if intents:
        messages = rows.to_message_ids(intents)
        yield query("erase_messages", messages)
        yield query("erase_reports", messages, b"")
        yield query("erase_intents", _ids(intents))
    incoming = yield from _find_old("old_incoming", NOT_ERASED, moment, limit - len(intents))
    if incoming:
        yield query("erase_incoming", _ids(incoming), b"")
    yield query("delete_orphans", moment, limit)
    return len(intents) + len(incoming)


def delete_rows(*, before: datetime, limit: int) -> Operation[int]:
    """Delete intents and incoming SMS with everything that hangs on them."""
    moment = rows.to_micros(before)
    intents: list[Row] = []
    incoming: list[Row] = []
    for erased in (ERASED, NOT_ERASED):
        intents += yield from _find_old("old_intents", erased, moment, limit - len(intents))
    for erased in (ERASED, NOT_ERASED):
        incoming += yield from _find_old("old_incoming", erased, moment, limit - len(intents) - len(incoming))
    intents = _take_step(intents)
    if intents:
        messages = rows.to_message_ids(intents)
        yield query("delete_forwards", ForwardKind.REPORT.value, messages)
        yield query("delete_reports", messages)
        yield query("delete_messages", messages)
        yield query("delete_intents", _ids(intents))
    if incoming:
        yield query("delete_forwards", ForwardKind.INCOMING.value, _ids(incoming))
        yield query("delete_incoming", _ids(incoming))
    yield query("delete_orphans", moment, limit)
    return len(intents) + len(incoming)


def _find_old(name: str, erased: int, before: int, limit: int) -> Operation[list[Row]]:
    if limit <= 0:
        return []
    return (yield query(name, erased, before, limit))


def _take_step(intents: list[Row]) -> list[Row]:
    """As many as have `MESSAGES_AT_ONCE` messages, but one at least: whoever sends waits for the end of a step."""
    totals = accumulate(count for _, count in intents)
    fitting = sum(total <= MESSAGES_AT_ONCE for total in totals)
    return intents[: max(fitting, 1)]


def _ids(found: list[Row]) -> list[int]:
    return [row[0] for row in found]
