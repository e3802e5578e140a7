"""What `celltrial kinetics fit` prints and writes: tables as CSV, diagnostics as JSON, three figures as SVG and PNG."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrial.cli.tabular import write_rows, write_whole
from celltrial.missing import NotEstimable

if TYPE_CHECKING:
    from celltrial.kinetics.population import PopulationFit, PopulationParameter
    from celltrial.kinetics.population.vpc import Band, VpcBin
    from celltrial.reports.figures.theme import Caption, Spec

__all__ = ["describe", "print_fit", "write_fit"]

_Z90 = 1.6448536269514722
_METHOD = {"saem": "SAEM, maximum likelihood", "bayes": "full Bayes, NUTS"}


def describe(fit: "PopulationFit", *, seed: int) -> dict[str, Any]:
    """The fit as one JSON document."""
    return {
        "model": fit.model,
        "method": fit.method,
        "seed": seed,
        "converged": fit.converged,
        "subjects": len(fit.data.subjects),
        "samples": fit.data.n_samples,
        "blq_share": fit.data.blq_share,
        "parameters": [_parameter(each) for each in fit.parameters],
        "shrinkage": {name: _number(value) for name, value in fit.shrinkage.items()},
        "diagnostics": dict(fit.diagnostics),
        "findings": [each.to_json() for each in fit.findings],
    }


def _number(value: float | NotEstimable) -> float | None:
    return None if isinstance(value, NotEstimable) else value


def _parameter(each: "PopulationParameter") -> dict[str, Any]:
    low, high = (None, None) if isinstance(each.interval, NotEstimable) else each.interval
    return {
        "parameter": each.name,
        "kind": each.kind,
        "value": each.value.value,
        "unit": each.value.unit,
        "lower": low,
        "upper": high,
        "sd": _number(each.sd),
        "prior_sd": each.prior_sd,
        "learnt": _number(each.learnt),
        "reason": each.sd.reason if isinstance(each.sd, NotEstimable) else each.remark or None,
    }


def print_fit(fit: "PopulationFit", check: "tuple[VpcBin, ...]", out: Path) -> None:
    """The table of parameters, how the fit stands, the findings."""
    from celltrial.cli.console import print_findings, print_table, stdout_console

    data = fit.data
    title = (
        f"{fit.model}, {_METHOD[fit.method]}: {len(data.subjects)} participants, {data.n_samples} samples, "
        f"{data.blq_share:.0%} BLQ"
    )
    columns = ("parameter", "value", "90 % interval", "unit", "prior SD", "SD now", "learnt")
    print_table(title, columns, [_line(each) for each in fit.parameters])
    held = sum(each.is_covered for each in check)
    numbers = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in fit.diagnostics.items())
    console = stdout_console()
    console.print(f"{'converged' if fit.converged else 'NOT CONVERGED'}: {numbers}")
    console.print(f"BLQ share within the simulated 90 % interval in {held} of {len(check)} bins. Files in {out}")
    print_findings(fit.findings)


def _line(each: "PopulationParameter") -> tuple[str, ...]:
    interval = "-" if isinstance(each.interval, NotEstimable) else " - ".join(f"{end:.3g}" for end in each.interval)
    return (
        each.name,
        f"{each.value.value:.3g}",
        interval,
        each.value.unit,
        "" if each.prior_sd is None else f"{each.prior_sd:.2f}",
        "-" if isinstance(each.sd, NotEstimable) else f"{each.sd:.2f}",
        "-" if isinstance(each.learnt, NotEstimable) else f"{each.learnt:.0%}",
    )


def write_fit(fit: "PopulationFit", check: "tuple[VpcBin, ...]", out: Path, *, seed: int, name: str) -> None:
    """Write every file of the fit into the folder `out`."""
    from celltrial.kinetics.population.individual import individuals

    rows = [_parameter(each) for each in fit.parameters]
    write_rows(out / "parameters.csv", tuple(rows[0]), [tuple(row.values()) for row in rows])
    write_rows(
        out / "individuals.csv",
        ("subject", "parameter", "value", "unit", "lower", "upper", "samples", "blq"),
        [
            (one.subject, key, value.value, value.unit, *one.intervals[key], one.n_samples, one.n_blq)
            for one in individuals(fit)
            for key, value in one.values.items()
        ],
    )
    write_rows(
        out / "vpc.csv",
        ("day", "samples", "quantity", "observed", "median", "low", "high"),
        [row for each in check for row in _check_rows(each)],
    )
    text = json.dumps(describe(fit, seed=seed), indent=2, ensure_ascii=False) + "\n"
    write_whole(out / "diagnostics.json", lambda part: part.write_text(text, encoding="utf-8"))
    _write_figures(fit, check, out, name)


def _check_rows(each: "VpcBin") -> list[tuple[object, ...]]:
    bands = {"blq_share": each.blq_share, **{f"quantile_{level:g}": band for level, band in each.quantiles.items()}}
    return [
        (each.day, each.n, quantity, *(_cell(end) for end in (band.observed, band.median, band.low, band.high)))
        for quantity, band in bands.items()
    ]


def _cell(value: float | NotEstimable) -> object:
    return "BLQ" if isinstance(value, NotEstimable) else value


def _write_figures(fit: "PopulationFit", check: "tuple[VpcBin, ...]", out: Path, name: str) -> None:
    from celltrial.reports.figures.images import render_image, render_png
    from celltrial.reports.figures.theme import Caption

    made = f"{name}: {fit.model}, {_METHOD[fit.method]}, {len(fit.data.subjects)} participants"
    specs = {
        "individuals": _individuals(fit, Caption(title="Individual fits", provenance=f"{made}; grey: population")),
        "vpc": _predictive(
            fit, check, Caption(title="Visual predictive check", provenance=f"{made}; bands: 90 % of simulated trials")
        ),
        "prior_posterior": _learnt(
            fit, Caption(title="What the data taught", provenance=f"{made}; grey: prior, blue: after the data, 90 %")
        ),
    }
    for key, spec in specs.items():
        image = render_image(key, spec)
        _write_bytes(out / f"{key}.svg", image.svg.encode())
        _write_bytes(out / f"{key}.png", render_png(image))


def _write_bytes(out: Path, content: bytes) -> None:
    write_whole(out, lambda part: part.write_bytes(content))


def _individuals(fit: "PopulationFit", caption: "Caption") -> "Spec":
    import numpy as np

    from celltrial.kinetics.population.individual import compute_curve, compute_population_curve
    from celltrial.reports.figures.population import CurvePoint, SamplePoint, draw_individual_fits

    data = fit.data
    # even on the square-root axis on which they are drawn
    days = np.linspace(0.0, math.sqrt(float(data.day[data.is_sampled].max())), 160) ** 2
    own, typical = compute_curve(fit, days), compute_population_curve(fit, days)
    samples = [
        SamplePoint(
            subject=data.subjects[row],
            day=float(data.day[row, column]),
            value=math.exp(data.log_value[row, column]),
            is_blq=bool(data.is_blq[row, column]),
        )
        for row, column in zip(*np.nonzero(data.is_sampled), strict=True)
    ]
    curves = [
        CurvePoint(subject=subject, day=float(day), own=float(own[row, at]), population=float(typical[at]))
        for row, subject in enumerate(data.subjects)
        for at, day in enumerate(days)
    ]
    return draw_individual_fits(samples, curves, unit=data.unit, caption=caption)


def _predictive(fit: "PopulationFit", check: "tuple[VpcBin, ...]", caption: "Caption") -> "Spec":
    import numpy as np

    from celltrial.reports.figures.population import PredictiveRow, draw_predictive_check

    def row(day: float, quantity: str, band: "Band") -> PredictiveRow:
        ends = (_number(each) for each in (band.observed, band.low, band.median, band.high))
        observed, low, median, high = ends
        return PredictiveRow(day=day, quantity=quantity, observed=observed, low=low, median=median, high=high)

    data = fit.data
    limit = float(np.exp(data.log_value[data.is_blq].max())) if data.is_blq.any() else 0.0
    quantiles = [row(each.day, f"{level:.0%}", band) for each in check for level, band in each.quantiles.items()]
    shares = [row(each.day, "share BLQ", each.blq_share) for each in check]
    return draw_predictive_check(quantiles, shares, unit=data.unit, limit=limit, caption=caption)


def _learnt(fit: "PopulationFit", caption: "Caption") -> "Spec":
    from celltrial.reports.figures.population import LearntRow, draw_learnt

    rows = []
    for each in fit.parameters:
        if each.prior_sd is None:
            continue
        at = (each.centre - each.prior_centre) / each.prior_sd
        wide = 0.0 if isinstance(each.sd, NotEstimable) else _Z90 * each.sd / each.prior_sd
        learnt = "no interval" if isinstance(each.learnt, NotEstimable) else f"{each.learnt:.0%} learnt"
        is_positive = each.kind in ("spread", "residual")
        rows.append(
            LearntRow(
                name=each.name,
                centre=at,
                low=max(at - wide, -each.prior_centre / each.prior_sd) if is_positive else at - wide,
                high=at + wide,
                # a half-normal prior: its 5th and 95th percentiles
                prior_low=_half_normal(0.0627, each) if is_positive else -_Z90,
                prior_high=_half_normal(1.96, each) if is_positive else _Z90,
                label=learnt,
            )
        )
    return draw_learnt(rows, caption=caption)


def _half_normal(quantile: float, each: "PopulationParameter") -> float:
    """A half-normal quantile in the units of the picture; its mean is sqrt(2/pi) of its scale."""
    scale = each.prior_centre / math.sqrt(2 / math.pi)
    return (quantile * scale - each.prior_centre) / (each.prior_sd or 1.0)
