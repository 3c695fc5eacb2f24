"""Generated SOAP envelopes: what a client means, and the ways in which it may write it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from adapters.soap.contract import SPELLINGS, SendSms
from adapters.soap.operations import OperationTable, declared_operations, renamed

NAMESPACE = "http://tempuri.org/"
TABLE = OperationTable(
    service_name="sendSms",
    namespace=NAMESPACE,
    operations=renamed(declared_operations(SendSms, {}), {}),
)

# Ways of writing that an ordinary SOAP library reads as the codec does...
HARMLESS = frozenset(
    {"cdata", "comment", "header", "unknown_element", "child_namespace", "no_namespace", "reversed"}
)

# ... and those where it differs, each with the fact that says why.
DIFFERENT = {
    "wrapper_namespace": "asmx-facts 2.53, 2.70: the old namespace is unknown, so any is taken",
    "wrapper_case": "asmx-facts 1.4: clients spell names in both casings",
    "parameter_case": "asmx-facts 1.4: clients spell names in both casings",
    "synonyms": "asmx-facts 1.7: the manual has other names",
    "nil": "asmx-facts 2.22: nil of a plain string is the empty string",
    "doubled": "asmx-facts 2.22: the first of duplicates wins",
    "base64": "asmx-facts 2.59: SOAP::Lite sends so what is not ASCII",
    "soap12": "asmx-facts 2.18: the envelope decides the version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An envelope and what it means."""

    operation: str
    arguments: Mapping[str, str]
    ways: frozenset[str]

    def meaning(self) -> dict[str, str]:
        """The arguments as the old platform understood them, or would have."""
        return {name: "" if "nil" in self.ways else value for name, value in self.arguments.items()}

    def render(self) -> bytes:
        version = "http://www.w3.org/2003/05/soap-envelope" if "soap12" in self.ways else _SOAP11
        name = self.operation.upper() if "wrapper_case" in self.ways else self.operation
        children = [self._child(parameter, value) for parameter, value in self.arguments.items()]
        if "reversed" in self.ways:
            children.reverse()
        if "unknown_element" in self.ways:
            children.insert(0, "<okänd>1</okänd>")
        header = "<e:Header><x>1</x></e:Header>" if "header" in self.ways else ""
        return (
            f'<e:Envelope xmlns:e="{version}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{header}'
            f"<e:Body><{name}{self._namespace()}>{''.join(children)}</{name}></e:Body></e:Envelope>"
        ).encode()

    def _namespace(self) -> str:
        if "no_namespace" in self.ways:
            return ""
        return f' xmlns="{"urn:other" if "wrapper_namespace" in self.ways else NAMESPACE}"'

    def _child(self, parameter: str, value: str) -> str:
        name = SPELLINGS[parameter][0] if "synonyms" in self.ways else parameter
        name = name.capitalize() if "parameter_case" in self.ways else name
        namespace = ' xmlns="urn:child"' if "child_namespace" in self.ways else ""
        if "nil" in self.ways:
            return f'<{name}{namespace} xsi:nil="true"/>'
        element = f"<{name}{namespace}{self._type()}>{self._text(value)}</{name}>"
        return element + f"<{name}{namespace}>another</{name}>" if "doubled" in self.ways else element

    def _type(self) -> str:
        return ' xsi:type="xsd:base64Binary"' if "base64" in self.ways else ""

    def _text(self, value: str) -> str:
        if "base64" in self.ways:
            return base64.b64encode(value.encode()).decode("ascii")
        comment = "<!-- said in passing -->" if "comment" in self.ways else ""
        return comment + (f"<![CDATA[{value}]]>" if "cdata" in self.ways else escape(value))


_SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"

# XML turns a carriage return into a line feed, and CDATA ends at "]]>"; neither is about SOAP.
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\ufffe\uffff", exclude_categories=["Cc", "Cs"]))
_VALUES = _TEXTS.map(lambda text: text.replace("]]>", ""))


@st.composite
def envelopes(draw: st.DrawFn, ways: frozenset[str] = HARMLESS | frozenset(DIFFERENT)) -> Envelope:
    operation = draw(st.sampled_from(TABLE.operations))
    names = [parameter.name for parameter in operation.parameters]
    chosen = draw(st.lists(st.sampled_from(names), unique=True))
    return Envelope(
        operation=operation.name,
        arguments={name: draw(_VALUES) for name in chosen},
        ways=draw(st.frozensets(st.sampled_from(sorted(ways)), max_size=4)),
    )
