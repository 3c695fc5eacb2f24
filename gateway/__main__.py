"""`smsgw`, and `python -m gateway`."""

from gateway.cli import smsgw


def main() -> None:
    """Run the command line."""
    smsgw(prog_name="smsgw")


if __name__ == "__main__":
    main()
