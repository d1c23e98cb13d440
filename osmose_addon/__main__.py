"""The command `osmose`: run, check, version. Heavy modules load only when a command needs them."""

import argparse
import asyncio
import sys
from pathlib import Path

from osmose_addon import __version__

_FINDINGS = 2
_HIGHEST_PORT = 65535


def port(text: str) -> int:
    """Return a port number. Raises: ValueError for what is none."""
    port = int(text)
    if not 0 <= port <= _HIGHEST_PORT:
        raise ValueError(text)
    return port


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="osmose", description="Films and cameras on every screen in the house.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run Osmose until it is stopped")
    run.add_argument("--config", type=Path, default=Path("config/osmose.yaml"), help="the YAML file of the household")
    run.add_argument("--data", type=Path, default=Path("data"), help="where Osmose keeps what it makes")
    run.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    run.add_argument("--port", type=port, default=8099, help="the port of panel and API; 0 takes a free one")
    check = commands.add_parser("check", help="check the YAML file: exit code 0 if it is good, 2 if not")
    check.add_argument("--config", type=Path, default=Path("config/osmose.yaml"), help="the YAML file of the household")
    commands.add_parser("version", help="print the version")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from osmose_addon.app import Settings, run  # noqa: PLC0415 - `check` and workers do without the hub's modules

    settings = Settings(arguments.config.absolute(), arguments.data.absolute(), arguments.host, arguments.port)
    return asyncio.run(run(settings))


def _check(arguments: argparse.Namespace) -> int:
    from osmose_addon.config import ConfigFindingsError, load_config  # noqa: PLC0415 - not needed by `version`

    try:
        load_config(arguments.config, Path("data").absolute())
    except ConfigFindingsError as error:
        for finding in error.findings:
            sys.stdout.write(f"{finding}\n")
        return _FINDINGS
    return 0


def main() -> int:
    """Do what the command line says; return the exit code."""
    arguments = _parser().parse_args()
    if arguments.command == "run":
        return _run(arguments)
    if arguments.command == "check":
        return _check(arguments)
    sys.stdout.write(f"{__version__}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
