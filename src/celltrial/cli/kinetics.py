"""`celltrial kinetics`: non-compartmental parameters of every profile in a file, each with a value or a reason."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from celltrial.cli.kinetics_output import print_doubts, print_parameters, write_figures
from celltrial.cli.tabular import Table, read_table, write_rows
from celltrial.errors import Finding, InputError, UsageError
from celltrial.missing import Blq, NotEstimable

if TYPE_CHECKING:
    from celltrial.kinetics import Estimate, Nca, NcaOptions, Profile, Sample

__all__ = ["COLUMNS", "read_profiles", "register"]

COLUMNS = ("subject", "analyte", "day", "value", "unit", "lloq", "blq")
_OUT = ("subject", "analyte", "parameter", "value", "unit", "reason")
# the parameters of the file, in its order; the partial areas asked for come last
_FIRST = ("cmax", "tmax", "clast", "tlast", "auc_last", "auc_0_28", "auc_inf")
_SLOPE = ("lambda_z", "lambda_z_n", "adj_r2", "half_life", "span_ratio", "mrt")
_YES, _NO = ("true", "yes", "1", "y"), ("false", "no", "0", "n", "")

# asked for by --more: the rest of the parameters, the way up, the way out, the censored slope
_MORE = ("auc_all", "auc_extrapolated_fraction", "lambda_z_first", "lambda_z_last")
_EXPANSION = {
    "expansion_rate": "rate",
    "doubling_time": "doubling_time",
    "fold_expansion": "fold",
    "time_to_clearance": "clearance",
}

AucMethod = Literal["linear-up-log-down", "linear-log", "linear"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from celltrial.cli.fitting import fit

    kinetics = typer.Typer(help="Cellular kinetics: parameters and population models.", no_args_is_help=True)
    kinetics.command("nca")(nca)
    kinetics.command("fit")(fit)
    app.add_typer(kinetics, name="kinetics")


def nca(
    file: Annotated[Path, typer.Argument(help=f"CSV file with {', '.join(COLUMNS)}.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="CSV file to write.")],
    auc_method: Annotated[str, typer.Option(help="linear-up-log-down, linear-log or linear.")] = "linear-up-log-down",
    partial: Annotated[str, typer.Option(help="Partial areas in days, e.g. 0-28,0-90.")] = "",
    more: Annotated[
        bool, typer.Option("--more", help="Expansion, clearance, censored slope and the rest as well.")
    ] = False,
    figures: Annotated[Path | None, typer.Option(help="Folder for figures of every analyte, SVG and PNG.")] = None,
    table: Annotated[bool, typer.Option("--table", help="Print the main parameters as well.")] = False,
) -> None:
    """Non-compartmental parameters, one row a parameter, for every subject and analyte of a file."""
    from celltrial.kinetics import NcaOptions, compute_nca, window_name

    windows = _windows(partial)
    options = NcaOptions(method=_method(auc_method), windows=((0.0, 28.0), *windows))
    profiles = read_profiles(read_table(file, required=COLUMNS))
    asked = dict.fromkeys(window_name(window) for window in windows)
    names = (*_FIRST, *_SLOPE, *(name for name in asked if name not in _FIRST))
    rows = [
        (subject, analyte, *row)
        for (subject, analyte), profile in profiles.items()
        for row in [*_rows(compute_nca(profile, options), names), *(_more(profile, options) if more else ())]
    ]
    write_rows(out, _OUT, rows)
    if table:
        print_parameters(rows)
    print_doubts(profiles)
    if figures is not None:
        write_figures(profiles, figures, source=f"{file.name}, {len(profiles)} profiles")


_Line = tuple[str, str | None, str | None, str | None]


def _rows(result: "Nca", names: tuple[str, ...]) -> list[_Line]:
    return [_line(name, result[name]) for name in names]


def _more(profile: "Profile", options: "NcaOptions") -> list[_Line]:
    """What a table does not always show: each with a value or a reason, as everything else."""
    from celltrial.kinetics import Estimate, compute_expansion, compute_nca, compute_tobit_slope

    expansion, tobit = compute_expansion(profile), compute_tobit_slope(profile)
    lines = _rows(compute_nca(profile, options), _MORE)
    lines += [_line(name, getattr(expansion, field)) for name, field in _EXPANSION.items()]
    if isinstance(tobit, NotEstimable):
        return [*lines, _line("lambda_z_tobit", tobit), _line("half_life_tobit", tobit)]
    note = f"{tobit.n} points from day {tobit.first_day:g}, {tobit.n_blq} below the limit"
    rate, half_life = Estimate(tobit.lambda_z, "1/day", note), Estimate(tobit.half_life, "day", note)
    return [*lines, _line("lambda_z_tobit", rate), _line("half_life_tobit", half_life)]


def _line(name: str, found: "Estimate | NotEstimable") -> _Line:
    if isinstance(found, NotEstimable):
        return (name, None, None, found.reason)
    return (name, format(found.value, ".15g"), found.unit, found.note or None)


def _method(text: str) -> AucMethod:
    for method in get_args(AucMethod):
        if text == method:
            return method  # type: ignore[no-any-return]  # one of the literals
    raise UsageError(Finding(message="no such method", found=text, expected=", ".join(get_args(AucMethod))))


def _windows(text: str) -> tuple[tuple[float, float], ...]:
    windows = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        start, _, end = part.partition("-")
        try:
            window = (float(start), float(end))
        except ValueError:
            window = (0.0, 0.0)
        if not 0 <= window[0] < window[1] < float("inf"):
            raise UsageError(Finding(message="not a partial area", found=part, expected="two days, e.g. 0-28"))
        windows.append(window)
    return tuple(windows)


def read_profiles(table: Table) -> "dict[tuple[str, str], Profile]":
    """The profiles in the order they first appear. Raises InputError with every row that cannot be read."""
    from celltrial.kinetics import Profile

    samples: dict[tuple[str, str], list[Sample]] = {}
    units: dict[tuple[str, str], str] = {}
    findings: list[Finding] = []
    for index, row in enumerate(table.rows):
        key = (row["subject"], row["analyte"])
        sample, problems = _sample(row)
        if row["unit"] != units.setdefault(key, row["unit"]):
            problems.append(Finding(message="a second unit in one profile", found=row["unit"], expected=units[key]))
        findings += [_placed(problem, table, index, key) for problem in problems]
        samples.setdefault(key, []).append(sample)
    if findings:
        raise InputError(findings)
    return {key: Profile(samples=tuple(each), unit=units[key]) for key, each in samples.items()}


def _sample(row: Mapping[str, str]) -> "tuple[Sample, list[Finding]]":
    from celltrial.kinetics import Sample

    problems: list[Finding] = []
    day = _number(row, "day", problems)
    value = _number(row, "value", problems)
    lloq = _number(row, "lloq", problems)
    blq = row["blq"].casefold()
    if blq not in (*_YES, *_NO):
        problems.append(Finding(message="blq cannot be read", found=row["blq"], expected="true, false or blank"))
    if day is None and not problems:
        problems.append(Finding(message="a sample without a day", next_step="complete the day, in days since infusion"))
    if blq in _YES and value is not None:
        problems.append(Finding(message="a value, and below the limit", found=row["value"], expected="a blank value"))
    result = Blq(Decimal(row["lloq"] or 0)) if blq in _YES and not problems else value
    return Sample(day=day or 0.0, value=result, lloq=lloq), problems


def _number(row: Mapping[str, str], column: str, problems: list[Finding]) -> float | None:
    """The number in a column, None where blank; anything else is added to the problems."""
    if not row[column]:
        return None
    try:
        number = float(row[column])
    except ValueError:
        number = float("nan")
    if number != number or abs(number) == float("inf"):
        problems.append(
            Finding(message=f"{column} is not a number", found=repr(row[column]), expected="digits, e.g. 28.5")
        )
        return None
    return number


def _placed(problem: Finding, table: Table, index: int, key: tuple[str, str]) -> Finding:
    from dataclasses import replace

    return replace(problem, source=table.source(index), where=" ".join(key))
