"""Reading smsgw.toml, then secret files, then the environment, which nothing else reads; later wins."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config import keys, problems
from gateway.config.keys import ENVIRONMENT_PREFIX, Key, Kind
from gateway.config.model import Config
from gateway.domain.errors import ConfigurationError

FILE_VARIABLE = "SMSGW_CONFIG"
SECRETS_VARIABLE = "SMSGW_SECRETS_DIR"
SECRETS_DIR_DEFAULT = Path("/run/secrets")
_NO_KEYS = (FILE_VARIABLE, SECRETS_VARIABLE)

_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(slots=True)
class _Reading:
    """What has been read so far. `origins` says which variable or file set a key, where it was not smsgw.toml."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[keys.KeyPath, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def load_config(
    path: Path | None = None, environ: Mapping[str, str] | None = None, *, default_path: Path | None = None
) -> Config:
    """Read the configuration; without a path from what SMSGW_CONFIG names, else from `default_path` if it exists.

    Any `SMSGW_SECTION__KEY` overrides the file, be it a variable or a file of that name (any case) in the directory
    that SMSGW_SECRETS_DIR names, /run/secrets by default; the variable wins. An empty variable counts as not set.
    Raises ConfigurationError with every problem, one line each.
    """
    environ = os.environ if environ is None else environ
    if path is None and environ.get(FILE_VARIABLE):
        path = Path(environ[FILE_VARIABLE])
    if path is None and default_path is not None and default_path.exists():
        path = default_path
    reading = _Reading()
    if path is not None:
        reading.values = _read_file(path)
    _apply_overrides(reading, environ)
    _open_secret_files(reading)
    config, found = _validate(reading)
    if config is None or reading.problems or found:
        raise ConfigurationError(reading.problems + found)
    return config


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = f"write one with: smsgw check-config --print-example > {path}"
        raise ConfigurationError([f"{path}: there is no such file; {hint}"]) from None
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path}: is not UTF-8 text; save it as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}: is not TOML: {error}"]) from error


# ---- overrides ---------------------------------------------------------------------------------------------


def _apply_overrides(reading: _Reading, environ: Mapping[str, str]) -> None:
    key_by_variable = {key.variable: key for key in keys.all_keys()}
    for path in _secret_files(environ):
        # What names no key is left alone: it may be what a key such as credentials.secret_key_file points to.
        if key := key_by_variable.get(path.name.upper()):
            _override(reading, key, read_secret(path), origin=str(path))
    for variable, text in environ.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in _NO_KEYS or not text:
            continue
        if key := key_by_variable.get(variable):
            _override(reading, key, text, origin=variable)
        else:
            reading.problems.append(problems.unknown_variable(variable, key_by_variable))


def _secret_files(environ: Mapping[str, str]) -> list[Path]:
    directory = Path(environ.get(SECRETS_VARIABLE) or SECRETS_DIR_DEFAULT)
    return sorted(path for path in directory.iterdir() if path.is_file()) if directory.is_dir() else []


def _override(reading: _Reading, key: Key, text: str, *, origin: str) -> None:
    _put(reading.values, key.path, _parse_override(key, text))
    reading.origins[key.path] = origin


def _parse_override(key: Key, text: str) -> object:
    """The text as the key's kind of value; what cannot be read stays text, and is refused like any wrong value."""
    if key.kind is Kind.FLAG:
        return _FLAGS.get(text.strip().lower(), text)
    if key.kind in (Kind.NUMBER, Kind.TABLE):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _put(values: dict[str, Any], path: keys.KeyPath, value: object) -> None:
    for name in path[:-1]:
        inner = values.setdefault(name, {})
        if not isinstance(inner, dict):  # the file has something else there, and is told so
            return
        values = inner
    values[path[-1]] = value


# ---- secrets in files of their own -------------------------------------------------------------------------


def read_secret(path: Path) -> str:
    """The text of a secret file without the line end that editors add. Raises ConfigurationError."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path}: is not UTF-8 text"]) from error


def _open_secret_files(reading: _Reading) -> None:
    """Read every secret key `x` whose section also has `x_file`, where that is set."""
    for key in keys.all_keys():
        file_path = (*key.path[:-1], f"{key.path[-1]}_file")
        name = _get(reading.values, file_path) if key.secret and file_path in keys.key_by_path() else None
        if not isinstance(name, str):
            continue
        if _get(reading.values, key.path) is not None:
            reading.problems.append(f"{key.name}: is set twice, here and in {key.name}_file; keep one")
            continue
        try:
            _put(reading.values, key.path, read_secret(Path(name)))
        except ConfigurationError as error:
            reading.problems += [f"{key.name}_file: {problem}" for problem in error.problems]


def _get(values: Any, path: keys.KeyPath) -> object:
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    return values


# ---- checking ----------------------------------------------------------------------------------------------


def _validate(reading: _Reading) -> tuple[Config | None, list[str]]:
    """The configuration and what is wrong with it.

    Where keys are wrong they are left out and the rest is looked at again, so that what is wrong between the
    others is told in the same go.
    """
    try:
        config = _parse(reading.values)
    except ValidationError as error:
        found = problems.describe(error, reading.origins)
        for detail in error.errors(include_input=False, include_context=False, include_url=False):
            _remove(reading.values, detail["loc"])
        try:
            return None, found + _parse(reading.values).problems()
        except ValidationError:  # a wrong key inside what stands for a whole table
            return None, found
    return config, config.problems()


def _parse(values: Mapping[str, Any]) -> Config:
    # As JSON, since only there does pydantic's strict mode take text for a path, an enumeration or a network.
    return Config.model_validate_json(json.dumps(values, default=str))


def _remove(values: Any, location: tuple[str | int, ...]) -> None:
    for name in location[:-1]:
        inner = values.get(name) if isinstance(values, dict) else None
        if not isinstance(inner, dict):
            break
        values, location = inner, location[1:]
    if isinstance(values, dict):
        values.pop(location[0], None)
