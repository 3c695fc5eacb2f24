"""The example file and the reference, made from the keys' own descriptions; a test fails when a copy is stale."""

import json
import textwrap
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from gateway.config import keys
from gateway.config.keys import Key, Kind

_EXAMPLE_HEAD = """\
# Sendsms Gateway: every key there is. What is commented out shows its default, or an example where it has none.
# Any key can be set by an environment variable too: SMSGW_LISTEN__PORT=9000 sets port of [listen].
# Check with: smsgw check-config --config smsgw.toml
"""
_REFERENCE_HEAD = """\
# Configuration

<!-- Made by `make docs` from the descriptions in gateway/config/sections.py. -->

Later wins: `smsgw.toml`, secret files, environment variables. A secret file is one whose name is that of a
variable, in any case, in the directory that `SMSGW_SECRETS_DIR` names (`/run/secrets`). Lists and tables are
written as JSON in a variable. `SMSGW_CONFIG` names the file where `--config` does not. Each key of `[defaults]` can
be set for one account under `[accounts."ip1-12345"]`.

| Key | Environment variable | Default | Meaning |
|---|---|---|---|
"""


def render_example() -> str:
    """A smsgw.toml with every key, explained and commented out."""
    parts = [_EXAMPLE_HEAD]
    section: keys.KeyPath = ()
    for key in sorted(keys.all_keys(), key=_opens_a_table):
        if key.path[:-1] != section:
            section = key.path[:-1]
            parts.append(_section_head(section))
        parts.append("".join(f"{line}\n" for line in _example_lines(key)))
    return "".join(parts)


def _opens_a_table(key: Key) -> bool:
    """TOML wants the keys of no table first."""
    return len(key.path) > 1 or key.kind is Kind.TABLE


def _section_head(section: keys.KeyPath) -> str:
    if not section:  # only [accounts.<id>], at the end, opens tables of its own
        return ""
    doc = (keys.section_types()[section[0]].__doc__ or "").splitlines()[0]
    return f"\n# ---- {doc}\n[{'.'.join(section)}]\n"


def _example_lines(key: Key) -> Iterator[str]:
    yield ""
    yield from textwrap.wrap(key.field.description or "", 110, initial_indent="# ", subsequent_indent="# ")
    for value in key.field.examples or [_default(key)]:
        if key.path == ("accounts",):
            yield from _account_lines(value)
        elif key.kind is Kind.TABLE and isinstance(value, dict):
            yield from _table_lines(key, value)
        else:
            yield f"#{key.path[-1]} = {_toml(value)}" if value is not None else f'#{key.path[-1]} = ""'


def _account_lines(accounts: dict[str, dict[str, Any]]) -> Iterator[str]:
    for account_id, settings in accounts.items():
        yield f"#[accounts.{json.dumps(account_id)}]"
        yield from (f"#{name} = {_toml(value)}" for name, value in settings.items())


def _table_lines(key: Key, rows: dict[str, Any]) -> Iterator[str]:
    """A table with its dotted head, so that it can stand anywhere in the file."""
    inner = {name: row for name, row in rows.items() if isinstance(row, dict)}
    for name, row in inner.items():
        yield f"#{key.path[-1]}.{json.dumps(name)} = {_toml(row)}"
    if not inner:
        yield f"#{key.path[-1]} = {_toml(rows)}"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        cells = ", ".join(f"{json.dumps(name)} = {_toml(cell)}" for name, cell in value.items())
        return f"{{ {cells} }}" if cells else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(cell) for cell in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _default(key: Key) -> Any:
    """The default as JSON could hold it; None where there is none."""
    value = key.field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return None
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def render_reference() -> str:
    """docs/configuration.md."""
    return _REFERENCE_HEAD + "".join(f"{_reference_row(key)}\n" for key in keys.all_keys())


def _reference_row(key: Key) -> str:
    default = _default(key)
    shown = "" if default in (None, {}, ()) else f"`{_toml(default)}`"
    meaning = (key.field.description or "").replace("|", "\\|")
    return f"| `{key.name}` | `{key.variable}` | {shown} | {meaning} |"
