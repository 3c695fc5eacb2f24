"""The names of Spyne that the contract uses, importable on Python 3.12 and later too.

Spyne 2.14.0 carries a copy of six whose import hook speaks only the `find_module` protocol, which Python 3.12
removed: `No module named 'spyne.util.six.moves'` (asmx-facts 2.71; fixed upstream, unreleased: arskom/spyne#700).
Nothing else in the gateway imports Spyne, so this file is all there is to delete one day.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

_SIX = "spyne.util.six"


class _SixMovesFinder(Loader):
    """Offers six's own importer through the protocol that Python 3.12 still asks for."""

    def __init__(self, importer: Any) -> None:
        self._importer = importer

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target  # the protocol passes them; six knows its modules by name
        if name not in self._importer.known_modules:
            return None
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module: ModuleType = self._importer.load_module(spec.name)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to run: six's modules are made whole."""


def _load_six() -> None:
    """Load six before Spyne's own packages, whose first lines need it, and hand its importer to Python."""
    spyne = importlib.util.find_spec("spyne")
    if spyne is None or not spyne.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'spyne'", name="spyne")
    file = Path(next(iter(spyne.submodule_search_locations))) / "util" / "six.py"
    spec = importlib.util.spec_from_file_location(_SIX, file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {_SIX!r}", name=_SIX)
    six = importlib.util.module_from_spec(spec)
    sys.modules[_SIX] = six
    spec.loader.exec_module(six)
    sys.meta_path.append(_SixMovesFinder(six._importer))


if sys.version_info >= (3, 12) and _SIX not in sys.modules:
    _load_six()

from spyne import ByteArray, ServiceBase, Unicode, rpc  # noqa: E402  (the hook above has to come first)

__all__ = ["ByteArray", "ServiceBase", "Unicode", "rpc"]
