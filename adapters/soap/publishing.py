"""What is published under the operator's settings: sendsms.asmx and mms.asmx, each with its operation table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from adapters.soap.adoption import adopt
from adapters.soap.contract import SERVICE_NAME, SendMms, SendSms
from adapters.soap.documents import Documents
from adapters.soap.operations import (
    Operation,
    OperationTable,
    declared_operations,
    parameter_name_problems,
    renamed,
)
from adapters.soap.operator_wsdl import load_operator_wsdl
from adapters.soap.settings import SoapSettings
from gateway.domain.errors import ConfigurationError

MMS_SERVICE_NAME = "mms"

STILL_ORIGINAL = (
    "the address, sms and balans with their parameters, and the status codes. The namespace and the names of the "
    "other operations are the gateway's own, because the original's are lost."
)
STILL_ORIGINAL_WITH_WSDL = "everything that its description says, which is the original's own."
STILL_ORIGINAL_OF_MMS = (
    "the address alone. MMS cannot be sent any more, and every call is answered with a fault that says so."
)
STILL_ORIGINAL_OF_MMS_AS_LINK = (
    "the address and the status codes. MMS cannot be sent any more: the text goes out as an SMS with links to the "
    "pictures. The names are the gateway's own, because the original's are lost."
)
NO_MMS_DESCRIPTION = "MMS cannot be sent any more. Answers with a fault that says so."


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The two services."""

    sms: Documents
    mms: Documents


def publish(settings: SoapSettings) -> Published:
    """Both services. Raises ConfigurationError with every problem of the settings."""
    sms = declared_operations(SendSms, settings.parameter_names)
    mms = declared_operations(SendMms, settings.parameter_names)
    problems = parameter_name_problems(settings.parameter_names, [*sms.values(), *mms.values()])
    documents: list[Documents] = []
    for publish_one in (partial(_publish_sms, sms), partial(_publish_mms, mms)):
        try:
            documents.append(publish_one(settings))
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        raise ConfigurationError(problems)
    return Published(sms=documents[0], mms=documents[1])


def _publish_sms(declared: Mapping[str, Operation], settings: SoapSettings) -> Documents:
    """As ours, or as the operator's WSDL describes it."""
    if settings.wsdl is not None:
        wsdl = load_operator_wsdl(settings.wsdl)
        return Documents(
            table=adopt(wsdl, declared, settings),
            still_original=STILL_ORIGINAL_WITH_WSDL,
            http_bindings=settings.http_bindings,
            operator_wsdl=wsdl,
        )
    # A name that neither service has is told here, once.
    names = {name: new for name, new in settings.operation_names.items() if name not in SendMms.public_methods}
    return Documents(
        table=_table(SERVICE_NAME, settings, renamed(declared, names)),
        still_original=STILL_ORIGINAL,
        http_bindings=settings.http_bindings,
    )


def _publish_mms(declared: Mapping[str, Operation], settings: SoapSettings) -> Documents:
    names = {name: new for name, new in settings.operation_names.items() if name in declared}
    operations = renamed(declared, names)
    if not settings.mms_as_sms_link:
        operations = tuple(replace(operation, description=NO_MMS_DESCRIPTION) for operation in operations)
    return Documents(
        table=_table(MMS_SERVICE_NAME, settings, operations),
        still_original=STILL_ORIGINAL_OF_MMS_AS_LINK if settings.mms_as_sms_link else STILL_ORIGINAL_OF_MMS,
        http_bindings=False,
    )


def _table(service_name: str, settings: SoapSettings, operations: tuple[Operation, ...]) -> OperationTable:
    return OperationTable(service_name=service_name, namespace=settings.namespace, operations=operations)
