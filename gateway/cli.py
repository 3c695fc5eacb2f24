"""The command `smsgw`: one module for each of its commands, in gateway/commands."""

import click

from gateway.commands.accounts import accounts
from gateway.commands.callbacks import callbacks
from gateway.commands.check_config import check_config
from gateway.commands.demo import demo
from gateway.commands.keeping import backup, erase, migrate
from gateway.commands.ledger import ledger
from gateway.commands.messages import messages
from gateway.commands.refusals import RefusingGroup
from gateway.commands.sandbox import sandbox
from gateway.commands.serve import serve


@click.group(
    cls=RefusingGroup,
    commands=[serve, demo, sandbox, check_config, accounts, messages, ledger, callbacks, migrate, backup, erase],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="sendsms-gateway")
def smsgw() -> None:
    """Sendsms Gateway: answers the retired SMS interfaces of iP.1 and sends through its REST v2.

    \b
    Try it, with nothing but this machine:   smsgw demo
    Set it up:                               smsgw check-config --print-example > smsgw.toml
                                             smsgw accounts add ip1-12345 --config smsgw.toml
    Run it:                                  smsgw serve --config smsgw.toml
    """
