"""Captured requests, damaged."""

from random import Random

INTERESTING = (
    b"\0",
    b"\xff",
    b"\xe5",
    b"\r\n",
    b"\r\n\r\n",
    b"%",
    b"%u00e5",
    b"%ud83d",
    b"&",
    b"=",
    b"<",
    b"]]>",
    b"<!DOCTYPE x>",
    b"&#0;",
    b"&#xD800;",
    b'"',
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"[" * 2000,
    b"9" * 5000,
    b"-1",
    b"1e999",
    b"NaN",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b" ",
    b"a" * 3000,
    "\N{GRINNING FACE}".encode(),
)


def mutate(data: bytes, random: Random) -> bytes:
    """The bytes with one to four damages."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(data) + 1)
        end = min(start + random.choice((0, 0, 1, 1, 2, 8, 64)), len(data))
        put = random.choice((b"", random.randbytes(1), random.choice(INTERESTING), data[end : end + 40]))
        data = data[:start] + put + data[end:]
    return data


def mutate_request(request: bytes, random: Random) -> bytes:
    """A request with its body, its head, or both damaged; a damaged body mostly keeps a true Content-Length."""
    head, _, body = request.partition(b"\r\n\r\n")
    which = random.choice(("body", "head", "both")) if body else "head"
    if which != "head":
        damaged = mutate(body, random)
        if random.random() < 0.9:
            head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(damaged))
        body = damaged
    if which != "body":
        head = mutate(head, random)
    return head + b"\r\n\r\n" + body
