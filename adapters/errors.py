"""The one translator from library errors to domain errors, used where a library is called."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from gateway.domain.errors import GatewayError


@contextmanager
def translated(
    error_by_error: Mapping[type[Exception], GatewayError | Callable[[], GatewayError]],
) -> Iterator[None]:
    """Raise the domain error of the first class that the library's error is an instance of.

    The library's error stays as `__cause__`. Errors without a row pass through. A table that outlives the call
    holds callables: one error raised again and again would collect every traceback it ever had.
    """
    try:
        yield
    except tuple(error_by_error) as error:
        for library_error, domain_error in error_by_error.items():
            if isinstance(error, library_error):
                raise (domain_error() if callable(domain_error) else domain_error) from error
        raise
