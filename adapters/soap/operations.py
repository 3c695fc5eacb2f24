"""The operation table: what the contract declares, under the names that are published here."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.soap.commands import Command
from adapters.soap.contract import SPELLINGS, Reading
from gateway.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One declared parameter; `type_name` is its XML Schema type."""

    name: str
    type_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `declared` is its name in the contract, `name` the one it is published under.

    `name_by_spelling` leads from a parameter's name in lower case to its declared one. From an operator's WSDL come
    `published` (its parameters), `action`, the elements `response` and `result` of the answer, and whether the
    result is in a namespace; without one the answer repeats how the caller spelt the operation.
    """

    declared: str
    name: str
    parameters: tuple[Parameter, ...]
    name_by_spelling: Mapping[str, str] = field(repr=False)
    read: Callable[..., Command] = field(repr=False)
    result_type: str
    description: str
    published: tuple[Parameter, ...] | None = None
    action: str | None = None
    response: str | None = None
    result: str | None = None
    result_qualified: bool = True
    _arguments: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_arguments", tuple(parameter.name for parameter in self.parameters))

    @property
    def response_name(self) -> str:
        """The element that answers a call by the published name."""
        return self.response or f"{self.name}Response"

    @property
    def result_name(self) -> str:
        """The element in it that holds the result."""
        return self.result or f"{self.name}Result"

    @property
    def sample_parameters(self) -> tuple[Parameter, ...]:
        """The parameters under the names that a caller is shown."""
        return self.published or self.parameters

    def published_parameters(self) -> tuple[Parameter, ...]:
        """The parameters, then all of them again with a capital: libraries send what their caller wrote.

        asmx-facts 2.14. The capitals come last because some libraries take arguments by position.
        """
        capitals = tuple(
            replace(parameter, name=_CAPITALS.get(parameter.name, parameter.name.capitalize()))
            for parameter in self.parameters
        )
        return self.parameters + capitals

    def command(self, arguments: Mapping[str, str], reading: Reading) -> Command:
        """What a call means. Raises BadParameter."""
        return self.read(reading, *map(arguments.get, self._arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationTable:
    """Every operation of one service, and how a call names it."""

    service_name: str
    namespace: str
    operations: tuple[Operation, ...]
    by_action: Mapping[str, Operation] = field(default_factory=dict)
    by_element: Mapping[str, Operation] = field(default_factory=dict)
    _by_name: Mapping[str, Operation] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name = {operation.name.lower(): operation for operation in self.operations}
        object.__setattr__(self, "_by_name", {**by_name, **self.by_element})

    def find(self, name: str) -> Operation | None:
        """The operation of that name, or called by an element of that name, in any case of letters."""
        return self._by_name.get(name.lower())

    def find_by_action(self, action: str) -> Operation | None:
        """The operation that a SOAPAction names: wholly, or with its last segment (asmx-facts 2.53, 2.59)."""
        return self.by_action.get(action) or self.find(_ACTION_SEPARATOR.split(action.rstrip("/"))[-1])

    def action_of(self, operation: Operation) -> str:
        """The SOAPAction that is published (asmx-facts 2.7)."""
        if operation.action is not None:
            return operation.action
        separator = "" if self.namespace.endswith("/") else "/"
        return f"{self.namespace}{separator}{operation.name}"


_CAPITALS = {"id": "ID"}  # asmx-facts 1.7
_ELEMENT_NAME = re.compile(r"[^\W\d][\w.-]*")
_ACTION_SEPARATOR = re.compile(r"[/#:]")


def declared_operations(contract: Any, parameter_names: Mapping[str, str]) -> dict[str, Operation]:
    """The operations of a Spyne service class by name, from Spyne's own metadata, in order of declaration."""
    return {name: _operation(method, parameter_names) for name, method in contract.public_methods.items()}


def parameter_name_problems(names: Mapping[str, str], operations: Iterable[Operation]) -> list[str]:
    """One line for each of an operator's names that leads to no parameter of any operation."""
    known = {parameter.name for operation in operations for parameter in operation.parameters}
    return [
        f'soap.parameter_names.{theirs}: there is no parameter "{ours}"; the closest is "{nearest(ours, known)}"'
        for theirs, ours in names.items()
        if ours and ours not in known
    ]


def renamed(operations: Mapping[str, Operation], names: Mapping[str, str]) -> tuple[Operation, ...]:
    """The operations under their published names. Raises ConfigurationError for unknown and ambiguous names."""
    problems = list(_naming_problems(operations, names))
    if problems:
        raise ConfigurationError(problems)
    return tuple(replace(operation, name=names.get(name, name)) for name, operation in operations.items())


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is closest."""
    return max(known, key=lambda other: difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio())


def _operation(method: Any, parameter_names: Mapping[str, str]) -> Operation:
    declared = method.in_message.get_flat_type_info(method.in_message)
    parameters = tuple(Parameter(name=name, type_name=kind.get_type_name()) for name, kind in declared.items())
    (result_type,) = method.out_message.get_flat_type_info(method.out_message).values()
    return Operation(
        declared=method.name,
        name=method.name,
        parameters=parameters,
        name_by_spelling=_spellings(parameters, parameter_names),
        read=method.function,
        result_type=result_type.get_type_name(),
        description=" ".join((method.doc or "").split()),
    )


def _spellings(parameters: Iterable[Parameter], parameter_names: Mapping[str, str]) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for parameter in parameters:
        own = [old for old, ours in parameter_names.items() if ours == parameter.name]
        for spelling in (parameter.name, *own, *SPELLINGS.get(parameter.name, ())):
            spellings.setdefault(spelling.lower(), parameter.name)
    return spellings


def _naming_problems(operations: Mapping[str, Operation], names: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        if name not in operations:
            closest = nearest(name, operations)
            yield f'soap.operation_names.{name}: there is no operation "{name}"; the closest is "{closest}"'
    for name, new in names.items():
        if not _ELEMENT_NAME.fullmatch(new):
            yield f'soap.operation_names.{name}: "{new}" cannot be the name of an XML element'
    published: dict[str, str] = {}
    for name in operations:
        other = published.setdefault(names.get(name, name).lower(), name)
        if other != name:
            yield f'soap.operation_names: "{name}" and "{other}" have the same name, "{names.get(name, name)}"'
