"""Non-compartmental parameters of a cellular-kinetics profile: each an estimate, or the reason there is none.

Clearance and volume are not defined for cells that divide and are not computed. What the terminal slope carries
(half-life, area to infinity, mean residence time) is reported only where the slope meets the acceptance rules.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from celltrial.kinetics.areas import AucMethod, Point, compute_area, compute_area_between, compute_moment
from celltrial.kinetics.blq import BLQ_ICH_M13A, BlqRule, substitute_blq
from celltrial.kinetics.profile import Estimate, Measured, Profile, measured_in_time
from celltrial.kinetics.terminal import (
    Acceptance,
    HandPicked,
    TerminalFit,
    check_terminal,
    fit_hand_picked,
    fit_terminal,
)
from celltrial.missing import NotEstimable

__all__ = ["NCA_PARAMETERS", "Nca", "NcaOptions", "Window", "compute_nca", "window_name"]

Window = tuple[float, float]
Result = Estimate | NotEstimable

# in the order they are reported; the areas of the windows asked for follow `auc_last`
NCA_PARAMETERS = (
    "cmax",
    "tmax",
    "clast",
    "tlast",
    "auc_last",
    "auc_all",
    "auc_inf",
    "auc_extrapolated_fraction",
    "lambda_z",
    "lambda_z_n",
    "lambda_z_first",
    "lambda_z_last",
    "adj_r2",
    "half_life",
    "span_ratio",
    "mrt",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NcaOptions:
    """How the parameters are computed; kept with the result.

    windows: partial areas, as (from, to) in days since the infusion. time: actual or nominal days.
    at_infusion: the value at day 0 where there is no sample of that day; None puts nothing there, and areas begin with
        the first sample. 0 by default: none of the product was there before it was given.
    hand_picked: the points of the terminal slope, chosen by a person with a reason; None chooses by the rule.
    tmax_from_day: search the maximum from this day on (an early peak may be catheter contents).
    """

    method: AucMethod = "linear-up-log-down"
    blq: BlqRule = BLQ_ICH_M13A
    acceptance: Acceptance = field(default_factory=Acceptance)
    windows: tuple[Window, ...] = ((0.0, 28.0), (0.0, 90.0))
    time: Literal["actual", "nominal"] = "actual"
    at_infusion: float | None = 0.0
    tmax_from_day: float = 0.0
    hand_picked: HandPicked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nca:
    """Every parameter by name (`NCA_PARAMETERS`, and `auc_0_28` and the like for the windows).

    fit: the terminal fit as it was made, reported or not. notes: what was left out or assumed.
    """

    parameters: Mapping[str, Result]
    options: NcaOptions
    fit: TerminalFit | NotEstimable
    notes: tuple[str, ...] = ()

    def __getitem__(self, parameter: str) -> Result:
        return self.parameters[parameter]


def window_name(window: Window) -> str:
    """The name of a partial area.

    >>> window_name((0.0, 28.0))
    'auc_0_28'
    """
    return f"auc_{window[0]:g}_{window[1]:g}"


def compute_nca(profile: Profile, options: NcaOptions | None = None) -> Nca:
    """The parameters of one profile.

    Samples before the infusion (negative days) take no part. Tmax is the first maximum; Tlast the last quantifiable
    sample. A partial area ends exactly at its bound: the value there is interpolated by the rule of the area. Past the
    last sample it is extrapolated only with a reported terminal slope, and says so; else it is not estimable.

    Source: CAR-T labels (Cmax, Tmax, AUC0-28); oracles: tests/oracles/kinetics, checks/test_nca_vectors.py.
    """
    options = options or NcaOptions()
    points = measured_in_time(profile, options.time)
    if isinstance(points, str):
        return _refused(points, options)
    after = tuple(point for point in points if point.day >= 0)
    notes = [f"{len(points) - len(after)} sample(s) before the infusion left out"] if len(after) < len(points) else []
    notes += [f"day {each.day:g} left out: {each.excluded}" for each in profile.samples if each.excluded]
    if not after:
        return _refused("no sample with a result at or after the infusion", options, notes)
    return _compute(after, profile.unit, options, notes)


def _compute(points: Sequence[Measured], unit: str, options: NcaOptions, notes: Sequence[str]) -> Nca:
    quantified = [(point.day, point.value) for point in points if point.value is not None]
    searched = [point for point in quantified if point[0] >= options.tmax_from_day]
    peak = max(searched, key=lambda point: point[1]) if searched else None
    curve = substitute_blq(points, options.blq, tmax=peak[0] if peak else None)
    if isinstance(curve, str):
        return _refused(curve, options, notes)
    if options.at_infusion is not None and (not curve or curve[0][0] > 0):
        curve = ((0.0, options.at_infusion), *curve)
        notes = [*notes, f"no sample on day 0: taken as {options.at_infusion:g}"]
    if peak is None:
        return _nothing_quantifiable(points, curve, unit, options, notes)
    if options.hand_picked is None:
        fit = fit_terminal([point for point in quantified if point[0] > peak[0]], options.acceptance)
    else:
        fit = fit_hand_picked(quantified, options.hand_picked)
        notes = [*notes, f"terminal points chosen by hand: {options.hand_picked.reason}"]
    slope = _reported(fit, options.acceptance)
    tail = _Tail(curve=curve, last=quantified[-1], slope=slope, unit=unit, method=options.method, tmax=peak[0])
    parameters: dict[str, Result] = {
        "cmax": Estimate(peak[1], unit),
        "tmax": Estimate(peak[0], "day"),
        "clast": Estimate(tail.last[1], unit),
        "tlast": Estimate(tail.last[0], "day"),
        "auc_last": Estimate(compute_area(tail.to_last, options.method, tmax=peak[0]), _per_day(unit)),
        **{window_name(window): _partial_area(tail, window) for window in options.windows},
        "auc_all": Estimate(compute_area(curve, options.method, tmax=peak[0]), _per_day(unit)),
        **_to_infinity(tail),
        **_slope_parameters(fit, slope),
    }
    return Nca(parameters=parameters, options=options, fit=fit, notes=tuple(notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tail:
    """A curve with its last quantifiable point and the slope that may be reported beyond it."""

    curve: tuple[Point, ...]
    last: Point
    slope: TerminalFit | NotEstimable
    unit: str
    method: AucMethod
    tmax: float

    @property
    def to_last(self) -> tuple[Point, ...]:
        return tuple(point for point in self.curve if point[0] <= self.last[0])


def _reported(fit: TerminalFit | NotEstimable, acceptance: Acceptance) -> TerminalFit | NotEstimable:
    if isinstance(fit, NotEstimable):
        return fit
    refusal = check_terminal(fit, acceptance)
    return NotEstimable(refusal) if refusal else fit


def _slope_parameters(fit: TerminalFit | NotEstimable, slope: TerminalFit | NotEstimable) -> dict[str, Result]:
    """lambda_z and half-life where reported; what describes the fit (points, R2, span) wherever there is one."""
    if isinstance(fit, NotEstimable):
        names = ("lambda_z", "half_life", "lambda_z_n", "lambda_z_first", "lambda_z_last", "adj_r2", "span_ratio")
        return dict.fromkeys(names, fit)
    return {
        "lambda_z": slope if isinstance(slope, NotEstimable) else Estimate(slope.lambda_z, "1/day"),
        "half_life": slope if isinstance(slope, NotEstimable) else Estimate(slope.half_life, "day"),
        "lambda_z_n": Estimate(float(fit.n), "1"),
        "lambda_z_first": Estimate(fit.first_day, "day"),
        "lambda_z_last": Estimate(fit.last_day, "day"),
        "adj_r2": Estimate(fit.adj_r2, "1"),
        "span_ratio": Estimate(fit.span_ratio, "1"),
    }


def _to_infinity(tail: _Tail) -> dict[str, Result]:
    """Area to infinity from the observed Clast, the share of it that is extrapolated, and the mean residence time."""
    slope = tail.slope
    if isinstance(slope, NotEstimable):
        return dict.fromkeys(("auc_inf", "auc_extrapolated_fraction", "mrt"), slope)
    day, value = tail.last
    beyond = value / slope.lambda_z
    area = compute_area(tail.to_last, tail.method, tmax=tail.tmax) + beyond
    moment = compute_moment(tail.to_last, tail.method, tmax=tail.tmax) + day * beyond + beyond / slope.lambda_z
    fraction = beyond / area
    return {
        "auc_inf": Estimate(area, _per_day(tail.unit), f"{fraction:.1%} extrapolated beyond day {day:g}"),
        "auc_extrapolated_fraction": Estimate(fraction, "1"),
        "mrt": Estimate(moment / area, "day"),
    }


def _partial_area(tail: _Tail, window: Window) -> Result:
    """The area from one day to another, both interpolated; past the last sample only by a reported slope."""
    start, end = window
    first_day, last_day = tail.curve[0][0], tail.curve[-1][0]
    if start < first_day:
        return NotEstimable(f"the first sample is on day {first_day:g}, after day {start:g}")
    if end <= last_day:
        return Estimate(compute_area_between(tail.curve, start, end, tail.method, tmax=tail.tmax), _per_day(tail.unit))
    within = compute_area_between(tail.curve, start, last_day, tail.method, tmax=tail.tmax) if start < last_day else 0.0
    if tail.curve[-1][1] == 0:
        note = f"below the limit of quantification on day {last_day:g}, the last sample: counted as 0 to day {end:g}"
        return Estimate(within, _per_day(tail.unit), note)
    if isinstance(tail.slope, NotEstimable):
        reason = f"the last sample is on day {last_day:g}, before day {end:g}, and there is no terminal slope"
        return NotEstimable(f"{reason}: {tail.slope.reason}")
    begin = max(start, last_day)
    beyond = _decay_area(tail.last, tail.slope.lambda_z, begin, end)
    share = beyond / (within + beyond)
    note = f"extrapolated beyond day {last_day:g}, the last sample, with lambda_z ({share:.1%} of the area)"
    return Estimate(within + beyond, _per_day(tail.unit), note)


def _decay_area(last: Point, rate: float, start: float, end: float) -> float:
    return last[1] / rate * (math.exp(-rate * (start - last[0])) - math.exp(-rate * (end - last[0])))


def _nothing_quantifiable(
    points: Sequence[Measured], curve: tuple[Point, ...], unit: str, options: NcaOptions, notes: Sequence[str]
) -> Nca:
    """A profile below the limit throughout: no parameter, but an area of 0 over the days it was looked at."""
    reason = f"none of {len(points)} sample(s) is quantifiable"
    refused = _refused(reason, options, notes)
    areas: dict[str, Result] = {}
    for window in options.windows:
        covers = bool(curve) and curve[0][0] <= window[0] and window[1] <= curve[-1][0]
        if covers and all(value == 0 for _, value in curve):
            areas[window_name(window)] = Estimate(0.0, _per_day(unit), reason)
    return Nca(parameters={**refused.parameters, **areas}, options=options, fit=refused.fit, notes=tuple(notes))


def _refused(reason: str, options: NcaOptions, notes: Sequence[str] = ()) -> Nca:
    missing = NotEstimable(reason)
    windows = tuple(window_name(window) for window in options.windows)
    names = (*NCA_PARAMETERS[:5], *windows, *NCA_PARAMETERS[5:])
    return Nca(parameters=dict.fromkeys(names, missing), options=options, fit=missing, notes=tuple(notes))


def _per_day(unit: str) -> str:
    """The unit of an area under the curve over days.

    >>> _per_day("copies/ug")
    'copies*day/ug'
    """
    amount, slash, per = unit.partition("/")
    return f"{amount}*day{slash}{per}"
