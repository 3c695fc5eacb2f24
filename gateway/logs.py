"""Logs are events: a constant message, and fields beside it that never hold a secret, a text or a full number."""

import traceback
from pathlib import Path


def describe(error: BaseException) -> dict[str, object]:
    """An unforeseen error as log fields: its class and the way to it.

    Its own text is left out, since it may quote what a caller sent.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "where": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
