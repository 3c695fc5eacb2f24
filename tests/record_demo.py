"""Records a real run of `smsgw demo` as a picture: `make picture` writes docs/demo.svg."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.system import choose_port

PICTURE = Path(__file__).parents[1] / "docs" / "demo.svg"
COLUMNS = 118
WATCHED_SECONDS = 9.0
SHOWN_FROM = "HTTP (sendsms.aspx)"


def main() -> None:
    """Run the demo in a terminal, make two of its calls, and draw what the terminal showed."""
    port, sandbox_port = choose_port(), choose_port()
    with tempfile.TemporaryDirectory() as directory:
        shown = _watch(port, sandbox_port, Path(directory))
    shown = shown.replace(str(port), "8080").replace(str(sandbox_port), "8081").replace("\r\n", "\n")
    console = Console(record=True, width=COLUMNS, file=Path(os.devnull).open("w"), color_system="standard")  # noqa: SIM115 - ends with us
    console.print(Text("$ make demo", style="bold"))
    console.print(Text.from_ansi(shown))
    picture = console.export_svg(title="Sendsms Gateway", unique_id="demo")
    # rich names fonts at a host elsewhere; a page that shows the picture shall ask nobody for anything.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")
    print(f"wrote {PICTURE.name}")


def _watch(port: int, sandbox_port: int, directory: Path) -> str:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "gateway", "demo", "--port", str(port), "--sandbox-port", str(sandbox_port)]
    environment = os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    demo = subprocess.Popen(
        [*command, "--data", str(directory / "data")], stdout=slave, stderr=slave, stdin=slave, env=environment
    )
    os.close(slave)
    shown, calls = "", None
    until = time.monotonic() + WATCHED_SECONDS
    while time.monotonic() < until:
        if select.select([master], [], [], 0.2)[0]:
            shown += os.read(master, 65536).decode(errors="replace")
        if calls is None and "Messages appear here" in shown:
            calls = _paste(re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n"))
    demo.send_signal(signal.SIGINT)
    demo.wait()
    if calls:
        calls.wait()
    return shown


def _paste(shown: str) -> "subprocess.Popen[bytes]":
    """Run the printed calls, as a reader would."""
    calls = shown.partition(SHOWN_FROM)[2].partition("A page for browsers")[0]
    script = re.sub(r"^(REST 1.0|SOAP).*$", "", calls, flags=re.MULTILINE)
    return subprocess.Popen(["sh", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
