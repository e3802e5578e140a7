"""`celltrial dose oc`: how a design behaves when the true DLT rates are known."""

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from celltrial.cli.dosing.options import CohortSize, DesignName, Json, Parameters, Rules, Start, Target

if TYPE_CHECKING:
    from celltrial.escalation import Design, OperatingCharacteristics

__all__ = ["register"]

# what `dose oc --json` has, in its order, and what `--more` adds
_DOCUMENT = (
    "selection",
    "none",
    "patients",
    "dlts",
    "expected_n",
    "stopped_early",
    "standard_error",
)
# a share that rounds to 0.00 % has no row
_SHOWN = 5e-5
_MORE = ("overdosed", "overdose_60", "overdose_80", "overdose_60_treated")


class Method(StrEnum):
    """How operating characteristics are had."""

    exact = "exact"
    simulate = "simulate"


def register(dose: typer.Typer) -> None:
    """Add `oc`."""
    dose.command("oc")(_oc)


def _oc(
    design: DesignName,
    target: Target,
    truth: Annotated[str, typer.Option("--truth", metavar="P,P,..", help="true DLT rate per level, lowest first")],
    cohort_size: CohortSize,
    max_n: Annotated[int, typer.Option("--max-n", help="maximum sample size")],
    method: Annotated[Method, typer.Option("--method", help="every possible trial, or a sample")] = Method.exact,
    trials: Annotated[int, typer.Option("--trials", help="how many to simulate")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="of the simulation")] = 1,
    start: Start = 1,
    parameter: Parameters = [],  # noqa: B006 - typer reads the default and does not change it
    rule: Rules = [],  # noqa: B006 - as above
    more: Annotated[bool, typer.Option("--more", help="overdosing, and how sizes and DLTs are distributed")] = False,
    json: Json = False,
) -> None:
    """Operating characteristics: what a design does when the true DLT rates are known."""
    from celltrial.cli.console import print_json
    from celltrial.cli.dosing.options import build_design, parse_numbers

    built, rates = build_design(design, target, parameter, rule), parse_numbers(truth)
    oc = _compute(built, rates, cohort_size, max_n, start, None if method is Method.exact else (trials, seed))
    if json:
        print_json(_document(built, method, oc, (trials, seed), more=more))
    else:
        _print(built, method, oc, (trials, seed))
        if more:
            _print_more(oc)


def _compute(
    design: "Design",
    rates: tuple[float, ...],
    cohort_size: int,
    max_n: int,
    start: int,
    sample: tuple[int, int] | None,
) -> "OperatingCharacteristics":
    from celltrial.escalation import exact_oc, simulate_oc

    if sample is None:
        return exact_oc(design, rates, cohort_size=cohort_size, max_n=max_n, start=start)
    import numpy as np

    trials, seed = sample
    rng = np.random.default_rng(seed)
    return simulate_oc(design, rates, cohort_size=cohort_size, max_n=max_n, start=start, trials=trials, rng=rng)


def _document(
    design: "Design", method: Method, oc: "OperatingCharacteristics", sample: tuple[int, int], *, more: bool
) -> dict[str, object]:
    numbers = {name: getattr(oc, name) for name in _DOCUMENT}
    document = {"design": design.name, "target": design.target, "truth": oc.truth, "method": method.value} | numbers
    if method is Method.simulate:
        document |= {"trials": sample[0], "seed": sample[1]}
    if more:
        spread = None if oc.distributions is None else asdict(oc.distributions)
        document |= {name: getattr(oc, name) for name in _MORE} | {"distributions": spread}
    return document


def _print(design: "Design", method: Method, oc: "OperatingCharacteristics", sample: tuple[int, int]) -> None:
    from celltrial.cli.console import print_table, stdout_console

    percent = [f"{100 * share:.2f}" for share in oc.selection]
    if oc.standard_error is not None:
        percent = [f"{text} +- {100 * error:.2f}" for text, error in zip(percent, oc.standard_error, strict=True)]
    columns = ["level", "true rate", "selected %", "participants", "DLTs"]
    rows = [
        (level, f"{rate:.2f}", share, f"{n:.2f}", f"{dlts:.2f}")
        for level, (rate, share, n, dlts) in enumerate(
            zip(oc.truth, percent, oc.patients, oc.dlts, strict=True), start=1
        )
    ]
    console = stdout_console()
    how = "every possible trial" if method is Method.exact else f"{sample[0]} trials, seed {sample[1]}"
    console.print(f"{design.name}, target DLT rate {design.target:.2f}, method {method.value} ({how})", style="bold")
    print_table("", columns, rows)
    console.print(
        f"No level selected {100 * oc.none:.2f} %, stopped early {100 * oc.stopped_early:.2f} %, "
        f"expected participants {oc.expected_n:.2f}."
    )


def _print_more(oc: "OperatingCharacteristics") -> None:
    from celltrial.cli.console import print_table, stdout_console

    stdout_console().print(
        f"Participants at levels above the target {oc.overdosed:.2f} expected; more than 60 % (80 %) of the maximum "
        f"size there: {100 * oc.overdose_60:.2f} % ({100 * oc.overdose_80:.2f} %) of trials; more than 60 % of those "
        f"treated: {100 * oc.overdose_60_treated:.2f} %."
    )
    spread = oc.distributions
    if spread is None:
        return
    rows = [
        (value, f"{100 * size:.2f}", f"{100 * dlts:.2f}")
        for value, (size, dlts) in enumerate(zip(spread.size, spread.dlts, strict=True))
        if size >= _SHOWN or dlts >= _SHOWN
    ]
    print_table("Of all trials, % with so many", ["number", "participants", "DLTs"], rows)
