"""Commands that look into the store, or change it, while a gateway may be running on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.ports import Store


def with_store(config: "Config", work: Callable[["Store"], Awaitable[None]]) -> None:
    """Open the configured store, do the work, and close it. Raises ConfigurationError, StoreUnavailable."""
    from gateway import bootstrap

    async def run() -> None:
        async with bootstrap.open_store(config, beside_gateway=True) as store:
            await work(store)

    asyncio.run(run())
