"""The floor of the platform: aiohttp on uvloop, GET in, POST out, text back, and nothing else.

`python -m tests.bench.contenders.bare PORT UPSTREAM_URL`
"""

import asyncio
import sys

import uvloop
from aiohttp import ClientSession, TCPConnector, web


async def main(port: int, upstream: str) -> None:
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def handle(request: web.Request) -> web.Response:
            async with session.post(upstream, data=request.rel_url.raw_query_string.encode()) as answer:
                return web.Response(text=await answer.text())

        app = web.Application()
        app.router.add_get("/sendsms.aspx", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
