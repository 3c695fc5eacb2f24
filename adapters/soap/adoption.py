"""From the operations of an operator's WSDL to ours: what each of its names means, or why it cannot be obeyed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from adapters.soap.operations import Operation, OperationTable, Parameter, nearest
from adapters.soap.operator_wsdl import DescribedOperation, OperatorWsdl
from adapters.soap.settings import SoapSettings
from gateway.domain.errors import ConfigurationError


def adopt(wsdl: OperatorWsdl, declared: Mapping[str, Operation], settings: SoapSettings) -> OperationTable:
    """The operation table that the WSDL describes.

    Raises ConfigurationError: one line for each name that has no meaning here, with the closest known one and the
    line of the configuration that would map it.
    """
    by_published = {settings.operation_names.get(name, name).lower(): declared[name] for name in declared}
    described_names = {described.name.lower() for described in wsdl.operations}
    free = [operation.declared for name, operation in by_published.items() if name not in described_names]
    adopted: dict[DescribedOperation, Operation] = {}
    problems: list[str] = []
    for described in wsdl.operations:
        operation = by_published.get(described.name.lower())
        if described.name in settings.ignored_operations:
            continue
        if operation is None:
            problems.append(_unknown_operation(described.name, free or declared))
            continue
        problems += _unknown_parameters(described, operation, settings)
        adopted[described] = _adopted(described, operation)
    if problems:
        raise ConfigurationError(problems)
    return OperationTable(
        service_name=wsdl.service_name,
        namespace=next((described.namespace for described in adopted), settings.namespace),
        operations=tuple(adopted.values()),
        by_action={described.action: operation for described, operation in adopted.items() if described.action},
        by_element={described.element.lower(): operation for described, operation in adopted.items()},
    )


def _adopted(described: DescribedOperation, operation: Operation) -> Operation:
    """Our operation under the names of the WSDL."""
    return replace(
        operation,
        name=described.name,
        published=tuple(Parameter(name=name, type_name=kind) for name, kind in described.parameters),
        action=described.action or None,
        response=described.response,
        result=described.result,
        result_type=described.result_type,
        result_qualified=described.result_qualified,
    )


def _unknown_parameters(
    described: DescribedOperation, operation: Operation, settings: SoapSettings
) -> Iterator[str]:
    for name, _ in described.parameters:
        if name.lower() not in operation.name_by_spelling and not _is_ignored(name, settings):
            yield _unknown_parameter(name, operation, described.name)


def _is_ignored(name: str, settings: SoapSettings) -> bool:
    return any(old.lower() == name.lower() and not ours for old, ours in settings.parameter_names.items())


def _unknown_operation(name: str, known: Iterable[str]) -> str:
    closest = nearest(name, known)
    return (
        f'soap.wsdl: the operation "{name}" is not known; the closest is "{closest}": write '
        f'soap.operation_names.{closest} = "{name}", or leave it out with soap.ignored_operations = ["{name}"]'
    )


def _unknown_parameter(name: str, operation: Operation, described_as: str) -> str:
    closest = nearest(name, [parameter.name for parameter in operation.parameters])
    return (
        f'soap.wsdl: the parameter "{name}" of "{described_as}" is not known; the closest is "{closest}": write '
        f'soap.parameter_names.{name} = "{closest}", or "" to ignore it'
    )
