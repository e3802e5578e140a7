"""`celltrial kinetics fit`: a population model of every participant in a file, with tables, checks and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from celltrial.cli.tabular import Table, read_table
from celltrial.errors import Finding, InputError, UsageError
from celltrial.missing import NotEstimable

if TYPE_CHECKING:
    from celltrial.kinetics import Profile
    from celltrial.kinetics.population import CovariateEffect, PopulationData, PopulationFit
    from celltrial.kinetics.population.data import BlqTreatment

__all__ = ["fit"]

_METHODS = ("saem", "bayes")


def fit(
    file: Annotated[Path, typer.Argument(help="CSV file as for `nca`; further columns may be covariates.")],
    model: Annotated[str, typer.Option(help="stein2019, ogasawara2021, liu2021 or allogeneic_rejection.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for tables and figures.")],
    method: Annotated[str, typer.Option(help="saem (seconds) or bayes (NUTS; needs celltrial[population]).")] = "saem",
    analyte: Annotated[str, typer.Option(help="Which analyte, where the file has several.")] = "",
    effect: Annotated[
        list[str] | None, typer.Option(help="Covariate effect, e.g. cmax~log_dose; may be given again.")
    ] = None,
    blq: Annotated[str, typer.Option(help="m3; m1 and half-lloq only to compare (saem).")] = "m3",
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fit a population model to the curves of a file; exit code 1 where the fit has not converged."""
    import numpy as np

    from celltrial.cli.console import print_json
    from celltrial.cli.fitting_files import describe, print_fit, write_fit
    from celltrial.kinetics.population.vpc import compute_vpc

    if method not in _METHODS:
        raise UsageError(Finding(message="no such method", found=method, expected=", ".join(_METHODS)))
    data, effects, left_out = _data(file, model, analyte, effect or [])
    found = _fitted(data, model, method, effects, _treatment(blq, method), seed)
    found = replace(found, findings=(*left_out, *found.findings))
    check = compute_vpc(found, rng=np.random.default_rng([seed, 1]))
    write_fit(found, check, out, seed=seed, name=file.name)
    if as_json:
        print_json(describe(found, seed=seed))
    else:
        print_fit(found, check, out)
    if not found.converged:
        raise typer.Exit(1)


def _treatment(text: str, method: str) -> "BlqTreatment":
    from celltrial.kinetics.population.data import BlqTreatment

    for each in get_args(BlqTreatment):
        if each == text and (method == "saem" or text == "m3"):
            treatment: BlqTreatment = each
            return treatment
    raise UsageError(
        Finding(message="no such treatment of BLQ", found=f"{text} with {method}", expected="m3; m1, half-lloq: saem")
    )


def _fitted(
    data: "PopulationData",
    model: str,
    method: str,
    effects: "tuple[CovariateEffect, ...]",
    blq: "BlqTreatment",
    seed: int,
) -> "PopulationFit":
    import numpy as np

    from celltrial.cli.console import progress_bar
    from celltrial.kinetics.population import fit_bayes, fit_saem

    with progress_bar() as progress:
        if method == "bayes":
            fitted = fit_bayes(data, model, seed=seed, effects=effects, progress=progress)
        else:
            rng = np.random.default_rng(seed)
            fitted = fit_saem(data, model, rng=rng, effects=effects, blq=blq, progress=progress)
        progress(1.0, "done")
    return fitted


def _data(
    file: Path, model: str, analyte: str, effects: Sequence[str]
) -> "tuple[PopulationData, tuple[CovariateEffect, ...], tuple[Finding, ...]]":
    from celltrial.cli.kinetics import COLUMNS, read_profiles
    from celltrial.kinetics.population import build_population_data, model_named

    model_named(model)
    asked = [_asked(each) for each in effects]
    table = read_table(file, required=(*COLUMNS, *dict.fromkeys(column for _, column in asked)))
    profiles = _of_analyte(read_profiles(table), analyte)
    columns, coefficients = _covariates(table, asked)
    data, findings = build_population_data(profiles, columns)
    return data, coefficients, findings


def _asked(text: str) -> tuple[str, str]:
    parameter, sign, column = (each.strip() for each in text.partition("~"))
    if not (parameter and sign and column):
        raise UsageError(Finding(message="an effect that cannot be read", found=text, expected="e.g. cmax~log_dose"))
    return parameter, column


def _of_analyte(profiles: "Mapping[tuple[str, str], Profile]", analyte: str) -> "dict[str, Profile]":
    names = list(dict.fromkeys(each for _, each in profiles))
    if analyte and analyte not in names:
        raise UsageError(Finding(message="no such analyte in the file", found=analyte, expected=", ".join(names)))
    if not analyte and len(names) > 1:
        raise UsageError(
            Finding(message="several analytes in the file", found=", ".join(names), next_step="choose one: --analyte")
        )
    return {subject: profile for (subject, each), profile in profiles.items() if each == (analyte or names[0])}


def _covariates(
    table: Table, asked: Sequence[tuple[str, str]]
) -> "tuple[dict[str, dict[str, float]], tuple[CovariateEffect, ...]]":
    """The columns by participant, texts as 0 and 1 a level; and a coefficient for each column and parameter."""
    from celltrial.kinetics.population import CovariateEffect, code_levels

    coded: dict[str, dict[str, dict[str, float]]] = {}
    for _, column in asked:
        texts = _by_participant(table, column)
        numbers = {subject: _number(text) for subject, text in texts.items()}
        if any(isinstance(each, NotEstimable) for each in numbers.values()):
            coded[column] = code_levels(texts, column)
        else:
            coded[column] = {column: {s: each for s, each in numbers.items() if not isinstance(each, NotEstimable)}}
    effects = tuple(
        CovariateEffect(column=name, parameter=parameter) for parameter, column in asked for name in coded[column]
    )
    return {name: values for columns in coded.values() for name, values in columns.items()}, effects


def _by_participant(table: Table, column: str) -> dict[str, str]:
    found: dict[str, str] = {}
    findings = []
    for index, row in enumerate(table.rows):
        text = row[column]
        if text and found.setdefault(row["subject"], text) != text:
            findings.append(
                Finding(
                    message=f"{column} changes within a participant",
                    source=table.source(index),
                    where=row["subject"],
                    found=text,
                    expected=found[row["subject"]],
                )
            )
    if findings:
        raise InputError(findings)
    return found


def _number(text: str) -> float | NotEstimable:
    try:
        number = float(text)
    except ValueError:
        return NotEstimable("not a number")
    return number if abs(number) < float("inf") else NotEstimable("not a number")
