"""What is wrong with a configuration, in words that say what to write; values of secrets are never quoted."""

import difflib
import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.config import keys

# pydantic's error type -> what to say; the names in braces come from the error's context.
WORDS_BY_TYPE: Mapping[str, str] = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt:.15g}",
    "greater_than_equal": "must be at least {ge:.15g}",
    "less_than_equal": "must be at most {le:.15g}",
    "string_too_short": "must have at least {min_length} characters",
    "too_short": "must have at least {min_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "tuple_type": 'must be a list, such as ["10.0.0.0/8"]',
    "ip_any_network": "must be a network, such as 10.0.0.0/8",
    "mapping_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
}
_LONGEST_QUOTE = 40


def describe(error: ValidationError, origins: Mapping[keys.KeyPath, str]) -> list[str]:
    """One line for each problem. `origins` tells which variable or file set a key, if not smsgw.toml."""
    return [_describe_one(detail, origins) for detail in error.errors(include_url=False)]


def unknown_variable(variable: str, known: Collection[str]) -> str:
    """The line for a variable with our prefix that sets nothing."""
    return f"{variable}: unknown variable{_suggest(variable.upper(), known)}"


def _describe_one(detail: ErrorDetails, origins: Mapping[keys.KeyPath, str]) -> str:
    path = tuple(str(part) for part in detail["loc"])
    name = ".".join(path)
    if detail["type"] == "extra_forbidden":
        return f"{name}: unknown key{_suggest(name, _names_near(path))}"
    known = _key_at(path)
    origin = origins.get(known.path) if known else None
    where = f"{name} (in {origin})" if origin else name
    return f"{where}: {_words(detail)}{_quote(detail, known)}"


def _key_at(path: keys.KeyPath) -> keys.Key | None:
    """The key that holds what is wrong, which may be inside its list or table."""
    beginnings = (path[:end] for end in range(1, len(path) + 1))
    return next((keys.key_by_path()[start] for start in beginnings if start in keys.key_by_path()), None)


def _words(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    template = WORDS_BY_TYPE.get(detail["type"])
    if template is None:
        return detail["msg"].lower()
    return template.format(**detail.get("ctx", {})).replace("'", '"')


def _quote(detail: ErrorDetails, key: keys.Key | None) -> str:
    """What was written instead, if it is plain, short and in a key that holds no secret."""
    written: Any = detail["input"]
    if key is None or key.secret or key.kind is keys.Kind.TABLE or isinstance(written, dict | list):
        return ""
    if key.name.endswith("_url"):  # a password may stand in it
        return ""
    text = json.dumps(written, ensure_ascii=False, default=str)
    return f", not {text}" if len(text) <= _LONGEST_QUOTE else ""


def _names_near(path: keys.KeyPath) -> list[str]:
    """The names that may stand where `path` was written."""
    names = [key.name for key in keys.all_keys()] + list(keys.section_types())
    if path[0] == "accounts" and len(path) > 2:
        account = ".".join(path[:-1])
        names = [f"{account}.{key.path[-1]}" for key in keys.all_keys() if key.path[0] == "defaults"]
    return names


def _suggest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    moved = [other for other in known if other.rpartition(".")[2] == name.rpartition(".")[2]]
    return f"; did you mean {(close or moved)[0]}?" if close or moved else ""
