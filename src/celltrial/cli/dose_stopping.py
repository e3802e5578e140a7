"""`celltrial dose stopping|boundaries`: from how many events on a rate is too high, as a table."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celltrial.safety import StoppingBoundary

__all__ = ["register"]

_LEGEND = (
    "n: evaluable participants. Stop: with so many events or more, Pr(rate > limit) is over the cut-off; -: no number "
    "of events stops. Below: Pr with one event fewer (with n events where none stops)."
)

Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]


def register(dose: typer.Typer) -> None:
    """Add the commands to `celltrial dose`."""
    dose.command("stopping")(_stopping)
    dose.command("boundaries")(_boundaries)


def _stopping(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="a study folder")],
    max_n: Annotated[
        int | None, typer.Option("--max-n", help="participants, up to; default: the most the study's design takes")
    ] = None,
    json: Json = False,
) -> None:
    """The boundaries of the study's Bayesian stopping rules, with the prior of the study file; other rules as text."""
    from celltrial.cli.console import print_json, stdout_console
    from celltrial.decisions.stopping import stopping_prior
    from celltrial.safety import compute_stopping_boundaries
    from celltrial.study import load_study

    loaded = load_study(study)
    largest = loaded.escalation.max_participants if max_n is None else max_n
    documents = []
    for rule in loaded.stopping:
        head: dict[str, object] = {"id": rule.id, "text": rule.text, "kind": rule.kind}
        if rule.kind != "bayesian_dlt_rate":
            documents.append(head)
            continue
        limit, cutoff, prior = rule.parameters["rate"], rule.parameters["cutoff"], stopping_prior(rule.parameters)
        rows = compute_stopping_boundaries(limit, cutoff=cutoff, max_n=largest, prior=prior)
        documents.append(head | _document(limit, cutoff, prior, rows))
        if not json:
            _print_table(f"{rule.id}: {rule.text}", limit, cutoff, prior, rows)
    if json:
        print_json({"rules": documents})
        return
    for document in documents:
        if "rows" not in document:
            stdout_console().print(f"{document['id']}: {document['text']}", soft_wrap=True)


def _boundaries(
    limit: Annotated[float, typer.Option("--limit", help="the rate that is too high, e.g. 0.30")],
    cutoff: Annotated[float, typer.Option("--cutoff", help="the probability that stops, e.g. 0.95")],
    max_n: Annotated[int, typer.Option("--max-n", help="participants, up to")],
    prior: Annotated[str, typer.Option("--prior", metavar="A,B", help="the Beta prior of the rate")] = "1,1",
    json: Json = False,
) -> None:
    """For each number of participants, the fewest events with Pr(rate > limit) over the cut-off."""
    from celltrial.cli.console import print_json
    from celltrial.safety import compute_stopping_boundaries

    numbers = _parse_prior(prior)
    rows = compute_stopping_boundaries(limit, cutoff=cutoff, max_n=max_n, prior=numbers)
    if json:
        print_json(_document(limit, cutoff, numbers, rows))
    else:
        _print_table("Stopping boundaries", limit, cutoff, numbers, rows)


def _document(
    limit: float, cutoff: float, prior: tuple[float, float], rows: "Sequence[StoppingBoundary]"
) -> dict[str, object]:
    return {"limit": limit, "cutoff": cutoff, "prior": list(prior), "rows": [asdict(row) for row in rows]}


def _print_table(
    title: str, limit: float, cutoff: float, prior: tuple[float, float], rows: "Sequence[StoppingBoundary]"
) -> None:
    from celltrial.cli.console import print_table, stdout_console

    console = stdout_console()
    console.print(title, style="bold", soft_wrap=True)
    told = f"Stop when Pr(rate > {limit:g}) is over {cutoff:g}; prior Beta({prior[0]:g}, {prior[1]:g})."
    console.print(told, soft_wrap=True)
    print_table(
        "",
        ["n", "stop", "probability", "below"],
        [
            (row.n, "-" if row.events is None else row.events, _four(row.probability), _four(row.probability_below))
            for row in rows
        ],
    )
    console.print(_LEGEND, soft_wrap=True)


def _four(probability: float | None) -> str:
    return "-" if probability is None else f"{probability:.4f}"


def _parse_prior(text: str) -> tuple[float, float]:
    from celltrial.errors import Finding, UsageError

    try:
        first, second = (float(word) for word in text.split(","))
    except ValueError:
        raise UsageError(Finding(message="not a prior", found=repr(text), expected="two numbers, e.g. 1,1")) from None
    return first, second
