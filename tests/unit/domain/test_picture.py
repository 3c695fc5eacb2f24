"""Pictures: what counts as one, and what they are called."""

import pytest

from gateway.domain.errors import BadParameter
from gateway.domain.picture import (
    Picture,
    PictureKind,
    parse_picture_name,
    render_picture_body,
    render_picture_name,
)

GIF = Picture.parse(b"GIF89a...")
KEY = bytes(32)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", PictureKind.JPEG),
        (b"\xff\xd8\xff\xe1\x00\x10Exif", PictureKind.JPEG),
        (b"\x89PNG\r\n\x1a\n", PictureKind.PNG),
        (b"GIF87a", PictureKind.GIF),
        (b"GIF89a", PictureKind.GIF),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content: bytes, kind: PictureKind) -> None:
    assert Picture.parse(content).kind is kind


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"<svg/>", b" GIF89a", b"RIFF\0\0\0\0WEBP", b"%PDF", b"BM"])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(BadParameter, match="is no JPEG, PNG or GIF"):
        Picture.parse(content)


def test_the_same_picture_has_the_same_name_within_a_period() -> None:
    name = render_picture_name(GIF, key=KEY, account_id="ip1-12345", period=1)
    assert name == render_picture_name(GIF, key=KEY, account_id="IP1-12345", period=1)
    assert parse_picture_name(name) == name


def test_everything_else_gives_another_name() -> None:
    names = [
        render_picture_name(picture, key=key, account_id=account_id, period=period)
        for picture, key, account_id, period in [
            (GIF, KEY, "ip1-1", 1),
            (Picture.parse(b"GIF87a..."), KEY, "ip1-1", 1),
            (GIF, bytes(range(32)), "ip1-1", 1),
            (GIF, KEY, "ip1-2", 1),
            (GIF, KEY, "ip1-1", 2),
        ]
    ]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "written", ["", "..", "a" * 25, "a" * 27, "A" * 26, "1" * 26, "../" + "a" * 23, "a" * 26 + "\n"]
)
def test_nothing_else_is_a_name(written: str) -> None:
    assert parse_picture_name(written) is None


@pytest.mark.parametrize(
    ("body", "links", "text"),
    [
        ("Hej", ["https://x/p/a"], "Hej\nhttps://x/p/a"),
        ("Hej", ["https://x/p/a", "https://x/p/b"], "Hej\nhttps://x/p/a\nhttps://x/p/b"),
        (" ", ["https://x/p/a"], "https://x/p/a"),
        (None, ["https://x/p/a"], "https://x/p/a"),
    ],
)
def test_each_link_is_a_line_after_the_text(body: str | None, links: list[str], text: str) -> None:
    assert render_picture_body(body, links) == text
