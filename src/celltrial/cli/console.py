"""What every command prints with: one JSON document on stdout, tables and findings for people."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from celltrial.errors import CelltrialError, Finding

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "Progress",
    "error_console",
    "print_error",
    "print_findings",
    "print_json",
    "print_table",
    "progress_bar",
    "stdout_console",
]

# progress(share between 0 and 1, what is being done)
Progress = Callable[[float, str], None]
_WIDTH = 160


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def stdout_console() -> "Console":
    """The console for results."""
    from rich.console import Console

    # a file or a pipe has no edge: an id that is broken over two lines is not found again
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH
    return Console(highlight=False, soft_wrap=False, width=width)


def error_console() -> "Console":
    """The console for problems and progress."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_findings(findings: Iterable[Finding], *, to_stderr: bool = True) -> None:
    """Print each finding over a few lines: what and where, then found, expected, rule and the next step."""
    console = error_console() if to_stderr else stdout_console()
    for finding in findings:
        place = " · ".join(str(part) for part in (finding.source, finding.where) if part)
        console.print(
            f"[bold red]✗[/] {_plain(finding.message)}" + (f"  [dim]({_plain(place)})[/]" if place else ""),
            soft_wrap=True,
        )
        for label, text in (
            ("found", finding.found),
            ("expected", finding.expected),
            ("rule", finding.rule),
            ("next", finding.next_step),
        ):
            if text:
                console.print(f"    [dim]{label:>8}[/]  {_plain(text)}", soft_wrap=True)


def print_error(error: CelltrialError, *, as_json: bool) -> None:
    """What a command ended with: findings for people on stderr, or the one document on stdout that was asked for."""
    if as_json:
        print_json({"ok": False, "findings": [each.to_json() for each in error.findings]})
    else:
        print_findings(error.findings)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for people."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else _plain(str(cell)) for cell in row))
    stdout_console().print(table)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on stderr; yields `progress(share between 0 and 1, what is being done)`."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=error_console()) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda share, text: bar.update(task, completed=share, description=text)
