"""What an operator can set: one strict, frozen tree, read once at start-up from smsgw.toml and the environment.

Start reading at `sections`, the keys themselves; `load` is the only reader of the environment.
"""

from gateway.config.load import load_config, read_secret
from gateway.config.model import Config
from gateway.config.render import render_example, render_reference

__all__ = ["Config", "load_config", "read_secret", "render_example", "render_reference"]
