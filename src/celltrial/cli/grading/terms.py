"""`celltrial grade terms`: find an adverse-event term by what was written, with what separates its grades."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from celltrial.safety.terms import AeTerm

__all__ = ["register"]


def register(grade: typer.Typer) -> None:
    """Add the command."""
    grade.command("terms")(find_terms)


def find_terms(
    words: Annotated[list[str] | None, typer.Argument(help="what was written: a name, part of it, or a code")] = None,
    version: Annotated[str, typer.Option(help="Version of CTCAE: 4.03, 5.0 or 6.0.")] = "5.0",
    soc: Annotated[str, typer.Option(help="Only system organ classes with this text in their name.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
) -> None:
    """Find adverse-event terms with their grades in few words; exit code 1 where none fits."""
    from celltrial.cli.console import print_json
    from celltrial.safety.terms import ae_terms, find_ae_terms, suggest_ae_terms

    wanted = " ".join(words or [])
    found = find_ae_terms(wanted, version) if wanted else ae_terms(version)
    chosen = [each for each in found if soc.casefold() in each.soc.casefold()]
    suggestions = suggest_ae_terms(wanted, version) if wanted and not chosen else ()
    if as_json:
        terms = [each.to_json() for each in chosen]
        print_json({"words": wanted, "version": version, "terms": terms, "suggestions": list(suggestions)})
    elif chosen:
        _print_terms(chosen)
    else:
        _print_nothing(wanted, version, soc, suggestions)
    raise typer.Exit(0 if chosen else 1)


def _print_terms(terms: Sequence["AeTerm"]) -> None:
    from celltrial.cli.console import stdout_console

    console = stdout_console()
    for each in terms:
        console.print(_block(each))


def _block(entry: "AeTerm") -> object:
    """One table: the term, where it stands, its grades."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    code = f" · {entry.code}" if entry.code else ""
    chinese = f" · {entry.chinese}" if entry.chinese else ""
    table = Table(
        title=f"[bold]{escape(entry.term)}[/]{chinese}{code}",
        caption=escape(" · ".join(_footnotes(entry))),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        show_header=False,
    )
    for grade, text in entry.grades.items():
        table.add_row(str(grade), "–" if text is None else escape(text))
    return table


def _footnotes(entry: "AeTerm") -> list[str]:
    told = [entry.soc, f"CTCAE {', '.join(entry.versions)}" if entry.is_in_ctcae else f"graded by {entry.scale}"]
    if entry.reported_under:
        told.append(f"reported under: {entry.reported_under}")
    if entry.numeric_in:
        told.append(f"by number: grade ctcae ({', '.join(entry.numeric_in)})")
    return [*told, entry.note] if entry.note else told


def _print_nothing(wanted: str, version: str, soc: str, suggestions: Sequence[str]) -> None:
    from celltrial.cli.console import print_findings
    from celltrial.errors import Finding

    place = f" in a class with {soc!r} in its name" if soc else ""
    print_findings(
        [
            Finding(
                message=f"no adverse-event term fits in version {version}{place}",
                found=repr(wanted),
                next_step=f"try: {'; '.join(suggestions)}" if suggestions else "try other words, or --soc",
            )
        ]
    )
