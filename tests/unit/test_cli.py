"""The command line: its help is worth reading, and every refusal says what to do next."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
import pytest
from click.testing import CliRunner, Result

from gateway.cli import smsgw
from gateway.config import load_config, render_example
from gateway.demonstration import choose_config

PATIENCE_SECONDS = 30


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SMSGW_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run(here: Path) -> Callable[..., Result]:
    del here

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(smsgw, arguments, input=stdin, prog_name="smsgw")

    return run


Run = Callable[..., Result]


def commands(group: click.Group = smsgw, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


def find(path: tuple[str, ...]) -> click.Command:
    found: click.Command = smsgw
    for name in path:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


GROUPS = {("accounts",), ("ledger",), ("callbacks",)}

# ---- help --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...], run: Run) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 5
    if not isinstance(find(path), click.Group):
        assert f"smsgw {' '.join(path)}" in result.stdout.partition("Example")[2]


def test_help_loads_none_of_the_gateway() -> None:
    slow = ("aiohttp", "pydantic", "lxml", "rich")
    script = f"import sys; import gateway.cli; print([name for name in {slow} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout.startswith("smsgw, version ")


# ---- check-config ------------------------------------------------------------------------------------------


def test_a_usable_configuration_is_summed_up(here: Path, run: Run) -> None:
    (here / "smsgw.toml").write_text('data_dir = "var/smsgw"\n[listen]\nport = 9000')
    result = run("check-config")
    assert result.exit_code == 0
    assert "http://0.0.0.0:9000" in result.stdout
    assert "SQLite, var/smsgw/smsgw.db" in result.stdout
    assert "warning: public_url is not set" in result.stdout
    assert list(here.iterdir()) == [here / "smsgw.toml"]


def test_every_problem_goes_to_standard_error(here: Path, run: Run) -> None:
    (here / "other.toml").write_text("[listen]\nprot = 1\nport = 70000")
    result = run("check-config", "--config", "other.toml")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "Error: this cannot be used:",
        "  listen.port: must be at most 65535, not 70000",
        "  listen.prot: unknown key; did you mean listen.port?",
    ]


def test_what_start_up_would_find_is_found_too(here: Path, run: Run) -> None:
    wsdl = Path(__file__).parent / "soap" / "old.wsdl"
    (here / "secret.key").write_bytes(b"short")
    (here / "not-a-folder").touch()
    (here / "smsgw.toml").write_text(
        'data_dir = "not-a-folder/data"\n[credentials]\nsecret_key_file = "secret.key"\n'
        f'[soap]\nwsdl = "{wsdl}"\noperation_names = {{ mms = "not a name" }}\nparameter_names = {{ foto = "bid" }}'
    )
    result = run("check-config")
    assert result.exit_code == 2
    assert [line.strip() for line in result.stderr.splitlines()[1:]] == [
        "data_dir: not-a-folder/data cannot be written",
        "secret.key: is not a secret key: it must hold 32 random bytes; restore it from your copy",
        'soap.parameter_names.foto: there is no parameter "bid"; the closest is "bild"',
        (
            'soap.wsdl: the parameter "passord" of "sms" is not known; the closest is "passwd": write '
            'soap.parameter_names.passord = "passwd", or "" to ignore it'
        ),
        (
            'soap.wsdl: the operation "beskrivKod" is not known; the closest is "beskrivning": write '
            'soap.operation_names.beskrivning = "beskrivKod", or leave it out with '
            'soap.ignored_operations = ["beskrivKod"]'
        ),
        'soap.operation_names.mms: "not a name" cannot be the name of an XML element',
    ]


def test_a_secret_key_that_cannot_be_made_is_told(here: Path, run: Run) -> None:
    (here / "file").touch()
    result = run("check-config", "--config", write(here, '[credentials]\nsecret_key_file = "file/secret.key"'))
    assert result.exit_code == 2
    assert "credentials.secret_key_file: file cannot be written" in result.stderr


def write(here: Path, toml: str) -> str:
    (here / "written.toml").write_text(toml)
    return "written.toml"


def test_a_status_table_that_cannot_be_used_is_told(here: Path, run: Run) -> None:
    result = run("check-config", "--config", write(here, '[status]\nmessage."202".soap = 7'))
    assert result.exit_code == 2
    assert "status.message.202.soap: 7 is not a legacy code" in result.stderr


def test_a_file_that_is_not_there_is_refused(run: Run) -> None:
    result = run("check-config", "--config", "nowhere.toml")
    assert result.exit_code == 2
    assert "nowhere.toml: there is no such file; write one with: smsgw check-config" in result.stderr


def test_the_example_is_printed(run: Run) -> None:
    assert run("check-config", "--print-example").stdout == render_example()


def test_the_printed_demo_configuration_is_the_demos(here: Path, run: Run) -> None:
    printed = run("demo", "--port", "9080", "--sandbox-port", "9081", "--data", 'a "b"', "--print-config").stdout
    (here / "smsgw.toml").write_text(printed)
    demos = choose_config(host="127.0.0.1", port=9080, sandbox_port=9081, data_dir=Path('a "b"'))
    assert load_config(here / "smsgw.toml", {}) == demos


# ---- accounts ----------------------------------------------------------------------------------------------

FROM_STDIN = ("--api-key-file", "-", "--token-file", "-")


def test_an_account_is_added_listed_and_removed(here: Path, run: Run) -> None:
    added = run("accounts", "add", "ip1-12345", *FROM_STDIN, stdin="demo-key\ndemo-token\n")
    assert added.exit_code == 0, added.output
    assert "Next: smsgw serve" in added.stdout
    listed = run("accounts", "list").stdout
    assert "ip1-12345" in listed
    assert "encrypted in the store" in listed
    assert b"demo-token" not in b"".join(file.read_bytes() for file in (here / "smsgw-data").iterdir())
    assert run("accounts", "remove", "IP1-12345", "--yes").exit_code == 0
    assert "There is no account. Add one with" in run("accounts", "list").stdout


def test_an_account_is_not_replaced_by_accident(run: Run) -> None:
    run("accounts", "add", "ip1-12345", *FROM_STDIN, stdin="demo-key\ndemo-token\n")
    refused = run("accounts", "add", "ip1-12345", *FROM_STDIN, stdin="other-key\nother-token\n")
    assert refused.exit_code == 1
    assert "smsgw accounts set-token ip1-12345, or both secrets with --replace" in refused.stderr
    assert run("accounts", "add", "ip1-12345", *FROM_STDIN, "--replace", stdin="k\nt\n").exit_code == 0


def test_a_token_can_stay_in_its_file(here: Path, run: Run) -> None:
    (here / "token").write_text("demo-token\n")
    run("accounts", "add", "ip1-12345", *FROM_STDIN, stdin="demo-key\nold-token\n")
    changed = run("accounts", "set-token", "ip1-12345", "--token-file", "token", "--keep-token-file")
    assert changed.exit_code == 0, changed.output
    listed = "".join(run("accounts", "list").stdout.split())
    assert f"in{here / 'token'}" in listed


REFUSALS = [
    (("add", "ip1:1"), "", 2, "an account id has 1 to 64 characters, no blank and no colon"),
    (("add", "ip1-1"), "", 2, "no terminal to ask for the API key; give --api-key-file FILE, or -"),
    (("add", "ip1-1", "--api-key-file", "-"), "demo-key\n", 2, "no terminal to ask for the v2 token"),
    (("add", "ip1-1", *FROM_STDIN), "\n\n", 2, "the API key is empty"),
    (("add", "ip1-1", *FROM_STDIN), "demo-key\ntwo words\n", 2, "holds a character that no token has"),
    (("add", "ip1-1", "--api-key-file", "nowhere"), "", 2, "nowhere: cannot be read: No such file"),
    (("add", "ip1-1", *FROM_STDIN, "--keep-token-file"), "", 2, "--keep-token-file needs --token-file"),
    (("set-token", "ip1-1", "--token-file", "-"), "token\n", 1, "see them with: smsgw accounts list"),
    (("remove", "ip1-1", "--yes"), "", 1, "there is no account ip1-1"),
]


@pytest.mark.parametrize(("arguments", "stdin", "status", "told"), REFUSALS)
def test_a_refusal_says_what_to_do(
    arguments: tuple[str, ...], stdin: str, status: int, told: str, run: Run
) -> None:
    result = run("accounts", *arguments, stdin=stdin)
    assert result.exit_code == status
    assert told in result.stderr
    assert "demo-key" not in result.output
    assert "two words" not in result.output


def test_a_secret_key_that_is_damaged_is_refused(here: Path, run: Run) -> None:
    (here / "smsgw-data").mkdir()
    (here / "smsgw-data" / "secret.key").write_bytes(b"short")
    result = run("accounts", "add", "ip1-1", *FROM_STDIN, stdin="k\nt\n")
    assert result.exit_code == 2
    assert "secret.key: is not a secret key" in result.stderr


def test_secrets_typed_at_a_terminal_are_not_shown(here: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "accounts", "add", "ip1-12345"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=here,
        start_new_session=True,  # no other terminal to ask at
    )
    os.close(theirs)
    screen = ""
    for prompt, typed in (("API key: ", "demo-key"), ("v2 token: ", "demo-token")):
        while prompt not in screen:
            screen += os.read(ours, 1024).decode()
        os.write(ours, f"{typed}\n".encode())
    while "Next:" not in screen:
        screen += os.read(ours, 1024).decode()
    assert process.wait(PATIENCE_SECONDS) == 0
    os.close(ours)
    assert "demo-key" not in screen
    assert "demo-token" not in screen


# ---- serving -----------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(here: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=here,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_it_answers(url: str, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            with urlopen(url) as response:
                return str(response.read().decode())
        except URLError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def test_a_gateway_serves_until_it_is_told_to_stop(here: Path, run: Run) -> None:
    port = free_port()
    process = start(here, "serve", SMSGW_LISTEN__HOST="127.0.0.1", SMSGW_LISTEN__PORT=str(port))
    try:
        assert wait_until_it_answers(f"http://127.0.0.1:{port}/healthz", process) == "ok"
        beside = run("accounts", "add", "ip1-12345", *FROM_STDIN, stdin="demo-key\ndemo-token\n")
        assert beside.exit_code == 0, beside.output
    finally:
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, logged
    assert '"event": "ready"' in logged


def test_the_sandbox_plays_until_it_is_told_to_stop(here: Path) -> None:
    port = free_port()
    process = start(here, "sandbox", "--port", str(port), "--tempo", "0")
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/sandbox/", process)
    finally:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port} for token demo-token" in printed


@pytest.mark.parametrize("command", ["serve", "sandbox"])
def test_a_port_that_is_taken_is_named(command: str, here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = (command, "--port", str(port)) if command == "sandbox" else (command,)
        process = start(here, *arguments, SMSGW_LISTEN__HOST="127.0.0.1", SMSGW_LISTEN__PORT=str(port))
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: another program uses that port; choose another with" in told
    assert "Traceback" not in told


def test_a_gateway_with_a_wrong_configuration_does_not_start(here: Path) -> None:
    process = start(here, "serve", SMSGW_LISTEN__PROT="1")
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2
    assert "SMSGW_LISTEN__PROT: unknown variable; did you mean SMSGW_LISTEN__PORT?" in told
