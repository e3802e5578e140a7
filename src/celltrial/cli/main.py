"""The `celltrial` command: every topic registers its commands; a known error becomes findings and an exit code."""

import gc
import importlib
import os
import sys

import typer

from celltrial.errors import CelltrialError

__all__ = ["app", "run"]

# in the order of the trial's data flow, which is the order `celltrial --help` prints
_TOPICS = (
    "study",
    "record",
    "database",
    "evidence",
    "keeping",
    "redact",
    "laboratory",
    "review",
    "audit",
    "log",
    "casebook",
    "access",
    "screen",
    "dose",
    "grading",
    "scoring",
    "kinetics",
    "report",
    "export",
    "demo",
    "validate",
)

app = typer.Typer(
    name="celltrial",
    help="Run an early-phase cell-therapy trial from its protocol.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for _topic in _TOPICS:
    importlib.import_module(f"celltrial.cli.{_topic}").register(app)


def run() -> None:
    """Entry point: a user's mistake ends in a clear message, never in a traceback."""
    # a command ends before the cycles of what it has read would cost more than looking for them all the time
    gc.set_threshold(100_000, 50, 100)
    try:
        app()
    except CelltrialError as error:
        from celltrial.cli.console import print_error

        print_error(error, as_json="--json" in sys.argv[1:])
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `celltrial ... | head`: the reader has gone, nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
