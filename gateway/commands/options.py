"""What several commands share: finding the configuration."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gateway.config import Config

DEFAULT_FILE = Path("smsgw.toml")


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--config FILE`."""
    option = click.option(
        "--config",
        "config_path",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Configuration to use. Default: $SMSGW_CONFIG, else smsgw.toml here, else built-in values. "
        "SMSGW_... variables override it.",
    )
    return option(command)


def load(config_path: Path | None) -> "Config":
    """The configuration that the option means. Raises ConfigurationError."""
    from gateway.config import load_config

    return load_config(config_path, default_path=DEFAULT_FILE)
