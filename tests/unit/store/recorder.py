"""A process that records intents in the store it is given, and prints each id once it is promised to be on disk.

python -m tests.unit.store.recorder FILE            until it is killed
python -m tests.unit.store.recorder FILE full       on a disk that is full for a while
"""

import asyncio
import itertools
import resource
import sys
from pathlib import Path

from adapters.store.sqlite import open_sqlite
from gateway.domain.errors import StoreUnavailable
from gateway.ports import Store
from tests.contract.making import make_intent, record

ROOM_BYTES = 300_000


async def record_for_ever(store: Store) -> None:
    async def one_caller() -> None:
        while True:
            (number,) = await store.lease_ids(1)
            await record(store, make_intent(store, number))
            print(number, flush=True)

    await asyncio.gather(*(one_caller() for _ in range(8)))


async def record_on_a_full_disk(store: Store) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, hard))
    for number in itertools.count(1000):
        try:
            await record(store, make_intent(store, number, body="x" * 1500))
        except StoreUnavailable:
            print("refused", number, flush=True)
            break
        print("kept", number, flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await record(store, make_intent(store, 999_999))
    print("kept", 999_999, flush=True)


async def main() -> None:
    store = await open_sqlite(Path(sys.argv[1]))
    if sys.argv[2:] == ["full"]:
        await record_on_a_full_disk(store)
        await store.close()
    else:
        await record_for_ever(store)


if __name__ == "__main__":
    asyncio.run(main())
