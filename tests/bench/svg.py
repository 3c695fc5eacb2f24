"""What the plots have in common."""

from collections.abc import Iterable

OURS, OTHERS, INK, GOAL, PALE = "#1f6f8b", "#a9b4bd", "#333", "#c33", "#eef3f5"


def render_svg(title: str, parts: Iterable[str], *, width: int, height: int) -> str:
    """A whole file, with the title at its top."""
    size, font = f'viewBox="0 0 {width} {height}"', 'font-family="sans-serif" font-size="13"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font} fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="10" y="18" font-weight="bold">{title}</text>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
