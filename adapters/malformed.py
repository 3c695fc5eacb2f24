"""What is answered to a request that the HTTP parser refuses, in the form of the interface it was meant for.

None of it repeats what was sent: a request line holds the API key and the text.
"""

import re
from collections.abc import Callable

import msgspec
from aiohttp import web

_ASPX = re.compile(rb"sendsms\.aspx", re.IGNORECASE)
_ASMX = re.compile(rb"\.asmx", re.IGNORECASE)
_REST = re.compile(rb"/(api|v2)/", re.IGNORECASE)


def malformed_answers(*, bad_parameter_code: int) -> Callable[[bytes], web.Response]:
    """Answers by the beginning of a request line; sendsms.aspx says `bad_parameter_code` (legacy.md)."""

    def answer_aspx() -> web.Response:
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "private"}  # asmx-facts 1.10
        return web.Response(body=b"%d" % bad_parameter_code, headers=headers)

    table = ((_ASPX, answer_aspx), (_ASMX, _answer_asmx), (_REST, _answer_rest))

    def answer(path: bytes) -> web.Response:
        return next((render for pattern, render in table if pattern.search(path)), _answer_others)()

    return answer


def _answer_asmx() -> web.Response:
    return web.Response(status=400)  # asmx-facts 2.25


def _answer_rest() -> web.Response:
    problem = {"Message": "the request is not HTTP: its first line or its headers are malformed or too long"}
    return web.Response(status=400, body=msgspec.json.encode(problem), content_type="application/json")


def _answer_others() -> web.Response:
    return web.Response(status=400, text="Bad Request\n")
