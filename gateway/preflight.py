"""What would keep a gateway from starting, found without starting it: nothing is opened and nothing made."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from adapters.soap.publishing import publish
from adapters.store.postgres import require_driver
from gateway.bootstrap import soap_settings
from gateway.config import Config
from gateway.credentials import SecretKey
from gateway.domain.errors import ConfigurationError


def find_problems(config: Config) -> list[str]:
    """Every problem, one line each."""
    found = config.problems()
    for check in _CHECKS:
        try:
            check(config)
        except ConfigurationError as error:
            found += error.problems
    return found


def _check_folders(config: Config) -> None:
    """What start-up writes to can be written, or made."""
    folder_by_key = dict(_folders(config))
    problems = [
        f"{key}: {folder} cannot be written" for key, folder in folder_by_key.items() if not _usable(folder)
    ]
    if problems:
        raise ConfigurationError(problems)


def _folders(config: Config) -> Iterator[tuple[str, Path]]:
    if config.database_path or config.mms.as_sms_link:
        yield "data_dir", config.data_dir
    if not _exists(config.secret_key_path):
        key = "credentials.secret_key_file" if config.credentials.secret_key_file else "data_dir"
        yield key, config.secret_key_path.parent


def _check_secret_key(config: Config) -> None:
    if _exists(config.secret_key_path):
        SecretKey.load_or_create(config.secret_key_path)


def _check_driver(config: Config) -> None:
    if config.database_path is None:
        require_driver()


def _check_soap(config: Config) -> None:
    publish(soap_settings(config))


_CHECKS: tuple[Callable[[Config], None], ...] = (_check_folders, _check_secret_key, _check_driver, _check_soap)


def _usable(folder: Path) -> bool:
    """Whether files can be made in it, or in the folder that it would be made in."""
    standing = next(path for path in (folder.absolute(), *folder.absolute().parents) if _exists(path))
    return standing.is_dir() and os.access(standing, os.W_OK | os.X_OK)


def _exists(path: Path) -> bool:
    return os.access(path, os.F_OK)
