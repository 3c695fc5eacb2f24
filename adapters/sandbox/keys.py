"""Where the application and its requests keep what handlers need."""

import asyncio
from typing import Final

from aiohttp import web

from adapters.sandbox.model import Account
from adapters.sandbox.request_log import Record
from adapters.sandbox.sandbox import Sandbox

SANDBOX: Final = web.AppKey("SANDBOX", Sandbox)
CLOSING: Final = web.AppKey("CLOSING", asyncio.Event)
ACCOUNT: Final = web.RequestKey("ACCOUNT", Account)
RECORD: Final = web.RequestKey("RECORD", Record)
