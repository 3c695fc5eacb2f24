"""Pictures that are sent as links: what counts as one, what it is called, and the text that leads to it."""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import field
from enum import StrEnum
from typing import NewType

from gateway.domain.errors import BadParameter
from gateway.domain.values import value

PictureName = NewType("PictureName", str)
"""The part of a link that nobody can guess; also safe as the name of a file."""


class PictureKind(StrEnum):
    """The formats that every phone shows."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"


_KIND_BY_BEGINNING = {
    b"\xff\xd8\xff": PictureKind.JPEG,  # ISO/IEC 10918-1: start of image, then a marker
    b"\x89PNG\r\n\x1a\n": PictureKind.PNG,  # ISO/IEC 15948, 5.2
    b"GIF87a": PictureKind.GIF,
    b"GIF89a": PictureKind.GIF,
}


@value
class Picture:
    """A picture as it was sent, and what its first bytes say that it is."""

    kind: PictureKind
    content: bytes = field(repr=False)

    @classmethod
    def parse(cls, content: bytes) -> "Picture":
        """Believe the content alone, not what the caller calls it. Raises BadParameter."""
        for beginning, kind in _KIND_BY_BEGINNING.items():
            if content.startswith(beginning):
                return cls(kind=kind, content=content)
        raise BadParameter("picture", "is no JPEG, PNG or GIF")


def render_picture_name(picture: Picture, *, key: bytes, account_id: str, period: int) -> PictureName:
    """The name of a picture: the same for the same picture of an account within a period, so that a repeat of a
    message is still a repeat. Whoever lacks the key cannot tell it.
    """
    said = f"{account_id.casefold()}\0{period}\0".encode()
    digest = hmac.digest(key, said + picture.content, "sha256")[:NAME_BYTES]
    return PictureName(base64.b32encode(digest).decode().rstrip("=").lower())


def parse_picture_name(written: str) -> PictureName | None:
    """The name, if it can be one."""
    return PictureName(written) if _NAME.fullmatch(written) else None


# Letters and digits alone: phones leave a dash or an underscore at the end out of a link.
NAME_BYTES = 16
_NAME = re.compile("[a-z2-7]{26}")


def render_picture_body(body: str | None, links: Iterable[str]) -> str:
    """The text with a line for each link; without a text, the links alone."""
    return "\n".join(line for line in (body, *links) if line and line.strip())
