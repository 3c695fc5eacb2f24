"""The store itself: its ids, and whether it can write."""

from adapters.store.statements import Operation, query
from gateway.domain.errors import IdsExhausted
from gateway.domain.intent import LAST_ID


def open_store(*, new_store_id: str, first_id: int) -> Operation[str]:
    """The store's id; a new store gets `new_store_id` and hands out ids from `first_id` on."""
    known = yield query("read_store")
    if known:
        return str(known[0][0])
    yield query("create_store", new_store_id, first_id)
    return new_store_id


def lease_ids(count: int) -> Operation[range]:
    """The next ids."""
    leased = yield query("lease_ids", count, LAST_ID)
    if not leased:
        raise IdsExhausted("every id that fits a signed 32-bit integer has been handed out")
    end = leased[0][0]
    return range(end - count, end)


def ping() -> Operation[None]:
    """Write something."""
    yield query("ping")
