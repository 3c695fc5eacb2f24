"""The one translator from library errors to domain errors, used where a library is called."""

from collections.abc import Callable, Mapping
from types import TracebackType

from gateway.domain.errors import GatewayError


class translated:  # noqa: N801 - it reads as a verb: `with translated({...}):`
    """Raise the domain error of the first class that the library's error is an instance of.

    The library's error stays as `__cause__`. Errors without a row pass through. One that is entered again and
    again holds callables: an error raised again and again would collect every traceback it ever had.
    """

    __slots__ = ("_error_by_error",)

    def __init__(self, error_by_error: Mapping[type[Exception], GatewayError | Callable[[], GatewayError]]) -> None:
        self._error_by_error = error_by_error

    def __enter__(self) -> None:
        """Watch what follows."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        for library_error, domain_error in self._error_by_error.items():
            if isinstance(error, library_error):
                raise (domain_error() if callable(domain_error) else domain_error) from error
