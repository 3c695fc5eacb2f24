"""Templating: `{name}` in a body becomes the recipient's value of that name."""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"\{([^{}]*)\}")


def fill_in(body: str, values: Mapping[str, str]) -> str:
    """Put the values in. A name without a value stays as it is (inferred); a value is not searched again."""
    if not values:
        return body
    return _NAME.sub(lambda name: values.get(name[1], name[0]), body)
