"""Every key there is, found by walking the model: for environment names, suggestions, example and reference."""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.config.model import Config

ENVIRONMENT_PREFIX = "SMSGW_"
KeyPath = tuple[str, ...]


class Kind(StrEnum):
    """How a key's value is written in an environment variable, where everything is text."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TABLE = "table"  # a list or table: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the file."""

    path: KeyPath
    kind: Kind
    secret: bool
    field: FieldInfo

    @property
    def name(self) -> str:
        """As people say it: `listen.port`."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that sets it: `SMSGW_LISTEN__PORT`."""
        return ENVIRONMENT_PREFIX + "__".join(self.path).upper()


@cache
def all_keys() -> tuple[Key, ...]:
    """Every key, in the file's order: those of no section first."""
    return tuple(_walk(Config, ()))


@cache
def key_by_path() -> dict[KeyPath, Key]:
    """The same by path."""
    return {key.path: key for key in all_keys()}


def section_types() -> dict[str, type[BaseModel]]:
    """The sections in the file's order."""
    return {name: field.annotation for name, field in Config.model_fields.items() if _is_section(field.annotation)}


def _is_section(annotation: Any) -> typing.TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _walk(section: type[BaseModel], path: KeyPath) -> Iterator[Key]:
    for name, field in section.model_fields.items():
        if _is_section(field.annotation):
            yield from _walk(field.annotation, (*path, name))
        else:
            parts = set(_parts(field.annotation))
            yield Key(path=(*path, name), kind=_kind(parts), secret=SecretStr in parts, field=field)


def _kind(parts: set[Any]) -> Kind:
    if parts & {tuple, Mapping}:
        return Kind.TABLE
    if bool in parts:
        return Kind.FLAG
    return Kind.NUMBER if parts & {int, float} else Kind.TEXT


def _parts(annotation: Any) -> Iterator[Any]:
    """The plain types in an annotation: of `Annotated`, `Literal` and `X | None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    elif origin is typing.Literal:
        yield from {type(value) for value in get_args(annotation)}
    else:
        yield origin or annotation
