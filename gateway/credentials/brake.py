"""A brake on guessing: wrong API keys of one account are looked at only so often."""

from collections.abc import Callable

from gateway.domain.errors import GatewayOverloaded

REMEMBERED_ACCOUNTS = 10_000


class Brake:
    """A bucket of tries for each account, refilled at `per_minute` and holding a minute's worth."""

    def __init__(self, *, per_minute: float, monotonic: Callable[[], float]) -> None:
        self._per_second = per_minute / 60
        self._full = max(1.0, per_minute)
        self._monotonic = monotonic
        self._level_by_account: dict[str, tuple[float, float]] = {}  # tries left, and when that was

    def take(self, account_id: str) -> None:
        """Use one try. Raises GatewayOverloaded where none is left: the key may be right, so no blame."""
        left = self._left(account_id)
        if left < 1:
            raise GatewayOverloaded("too many wrong API keys for this account; try again in a minute")
        self._put(account_id, left - 1)

    def give_back(self, account_id: str) -> None:
        """The key was right."""
        self._put(account_id, min(self._full, self._left(account_id) + 1))

    def _left(self, account_id: str) -> float:
        left, at = self._level_by_account.get(account_id, (self._full, 0.0))
        return min(self._full, left + (self._monotonic() - at) * self._per_second)

    def _put(self, account_id: str, left: float) -> None:
        self._level_by_account.pop(account_id, None)
        self._level_by_account[account_id] = (left, self._monotonic())
        if len(self._level_by_account) > REMEMBERED_ACCOUNTS:
            del self._level_by_account[next(iter(self._level_by_account))]
