"""Non-compartmental parameters of many profiles at once: the numbers of `compute_nca`, by arrays.

Rows are profiles, columns their samples in time. A number that is not estimable is NaN here; `NcaTable.result` gives
the reason, by computing that one profile again in the plain way. The two ways are held against each other by a
property test (tests/properties/test_kinetics_vectorised.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from celltrial.errors import Finding, UsageError
from celltrial.kinetics.blq import BlqRule
from celltrial.kinetics.nca import NcaOptions, Result, compute_nca, window_name
from celltrial.kinetics.profile import Profile, Sample
from celltrial.kinetics.vectorised_areas import area_between, areas_and_moments
from celltrial.kinetics.vectorised_slope import Slopes, fit_slopes

__all__ = ["NcaTable", "compute_nca_table"]

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class NcaTable:
    """Parameters by name, each an array with one number a profile, NaN where there is none."""

    parameters: Mapping[str, Floats]
    options: NcaOptions
    days: Floats
    values: Floats
    lloqs: Floats
    unit: str

    def __getitem__(self, parameter: str) -> Floats:
        return self.parameters[parameter]

    def result(self, profile: int, parameter: str) -> Result:
        """The number with its unit and note, or the reason why there is none, of one profile."""
        samples = tuple(
            Sample(day=day, value=0.0 if np.isnan(value) else value, lloq=None if np.isnan(lloq) else lloq)
            for day, value, lloq in zip(
                *(each[profile].tolist() for each in (self.days, self.values, self.lloqs)), strict=True
            )
            if not np.isnan(day)
        )
        return compute_nca(Profile(samples=samples, unit=self.unit), self.options)[parameter]


def compute_nca_table(
    days: npt.ArrayLike,
    values: npt.ArrayLike,
    options: NcaOptions | None = None,
    *,
    lloqs: npt.ArrayLike | None = None,
    unit: str = "",
) -> NcaTable:
    """The parameters of many profiles.

    Args:
        days: (profiles, samples), days since the infusion, rising along a row; NaN where there is no sample.
        values: (profiles, samples) in `unit`; NaN, 0, or below its limit where the result is below the limit.
        options: As for `compute_nca`.
        lloqs: (profiles, samples) or one number; needed where a rule takes half the limit.
    Raises:
        UsageError: shapes that differ, a row whose days do not rise, a negative value.
    """
    options = options or NcaOptions()
    if options.hand_picked is not None or options.time == "nominal":
        raise UsageError(
            Finding(
                message="many profiles at once are computed by the rule and on the days given",
                found="points chosen by hand" if options.hand_picked else "nominal days",
                next_step="compute that profile by itself with compute_nca, or give its nominal days",
            )
        )
    day, value = np.array(days, dtype=float, ndmin=2), np.array(values, dtype=float, ndmin=2)
    lloq = np.broadcast_to(np.asarray(np.nan if lloqs is None else lloqs, dtype=float), day.shape)
    _require_profiles(day, value)
    value = np.where((value == 0) | (value < lloq), np.nan, value)
    is_sample = ~np.isnan(day) & (day >= 0)
    is_number = is_sample & ~np.isnan(value)
    peak = _Peak.find(day, value, is_number, options)
    curve = _Curve.make(day, value, lloq, is_sample, is_number, peak, options)
    after = is_number & (day > peak.day[:, None])
    slopes = fit_slopes(day, value, after, options.acceptance)
    parameters = _parameters(peak, curve, slopes, options)
    has_peak = ~np.isnan(peak.value)
    for name in parameters:
        if not name.startswith("auc_") or name in ("auc_last", "auc_all", "auc_inf", "auc_extrapolated_fraction"):
            parameters[name] = np.where(has_peak, parameters[name], np.nan)
    return NcaTable(parameters=parameters, options=options, days=day, values=value, lloqs=lloq, unit=unit)


@dataclass(frozen=True, slots=True)
class _Peak:
    """First maximum, and last number, of each profile; NaN where nothing is quantifiable."""

    day: Floats
    value: Floats
    last_day: Floats
    last_value: Floats

    @classmethod
    def find(cls, day: Floats, value: Floats, is_number: Flags, options: NcaOptions) -> "_Peak":
        rows = np.arange(len(day))
        searched = np.where(is_number & (day >= options.tmax_from_day), value, -np.inf)
        at = searched.argmax(axis=1)
        has_peak = searched[rows, at] > -np.inf
        last = day.shape[1] - 1 - is_number[:, ::-1].argmax(axis=1)
        has_any = is_number.any(axis=1)
        return cls(
            day=np.where(has_peak, day[rows, at], np.nan),
            value=np.where(has_peak, value[rows, at], np.nan),
            last_day=np.where(has_any, day[rows, last], np.nan),
            last_value=np.where(has_any, value[rows, last], np.nan),
        )


@dataclass(frozen=True, slots=True)
class _Curve:
    """The points that areas are made of, moved to the left; `count` says how many of a row count.

    Beyond them the last point is repeated: segments of no width add nothing.
    """

    day: Floats
    value: Floats
    count: npt.NDArray[np.int64]
    is_refused: Flags

    @classmethod
    def make(
        cls,
        day: Floats,
        value: Floats,
        lloq: Floats,
        is_sample: Flags,
        is_number: Flags,
        peak: _Peak,
        options: NcaOptions,
    ) -> "_Curve":
        substitute = _substitutes(day, is_sample & ~is_number, is_number, peak, lloq, options.blq)
        kept = is_number | (is_sample & ~is_number & ~np.isnan(substitute))
        is_refused = (is_sample & ~is_number & np.isinf(substitute)).any(axis=1)
        order = np.argsort(~kept, axis=1, kind="stable")
        points = np.where(is_number, value, substitute)
        t, c = np.take_along_axis(day, order, axis=1), np.take_along_axis(points, order, axis=1)
        count = kept.sum(axis=1)
        if options.at_infusion is not None:
            t, c, count = _with_infusion(t, c, count, options.at_infusion, np.asarray(is_sample.any(axis=1)))
        rows, last = np.arange(len(t)), np.maximum(count - 1, 0)
        beyond = np.arange(t.shape[1])[None, :] >= count[:, None]
        t, c = np.where(beyond, t[rows, last][:, None], t), np.where(beyond, c[rows, last][:, None], c)
        return cls(t, c, count, np.asarray(is_refused))


def _with_infusion(
    t: Floats, c: Floats, count: npt.NDArray[np.int64], at_infusion: float, has_sample: Flags
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """A point at day 0 in front, in rows that have a sample and none on day 0; in the others the first one twice."""
    lacks = has_sample & ((count == 0) | (t[:, 0] > 0))
    first_day, first_value = np.where(lacks, 0.0, t[:, 0]), np.where(lacks, at_infusion, c[:, 0])
    t, c = np.column_stack([first_day, t]), np.column_stack([first_value, c])
    return t, c, count + np.where(has_sample & ((count > 0) | lacks), 1, 0)


def _substitutes(day: Floats, is_blq: Flags, is_number: Flags, peak: _Peak, lloq: Floats, rule: BlqRule) -> Floats:
    """What each result below the limit counts as: a number, NaN for dropped, infinity for half an unknown limit."""
    worth = {"zero": np.zeros_like(day), "drop": np.full_like(day, np.nan), "half": lloq / 2}
    worth["half"] = np.where(np.isnan(worth["half"]), np.inf, worth["half"])
    columns = np.arange(day.shape[1])[None, :]
    first = np.where(is_number.any(axis=1), is_number.argmax(axis=1), day.shape[1])[:, None]
    last = np.where(is_number.any(axis=1), day.shape[1] - 1 - is_number[:, ::-1].argmax(axis=1), day.shape[1])[:, None]
    is_early = ~np.isnan(peak.day)[:, None] & (day < peak.day[:, None])
    within = np.where(is_early, worth[rule.embedded_before_tmax], worth[rule.embedded_after_tmax])
    placed = np.where(columns < first, worth[rule.before_first], within)
    placed = np.where(columns > last, worth[rule.after_last], placed)
    return np.where(is_blq, placed, np.nan)


def _parameters(peak: _Peak, curve: _Curve, slopes: Slopes, options: NcaOptions) -> dict[str, Floats]:
    no_curve = curve.is_refused | (curve.count == 0)
    to_last, moment = areas_and_moments(curve.day, curve.value, peak.last_day, options.method, peak.day)
    whole, _ = areas_and_moments(curve.day, curve.value, np.full(len(curve.day), np.inf), options.method, peak.day)
    rate = slopes.reported
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = peak.last_value / rate
        to_infinity = to_last + beyond
        mean_time = (moment + peak.last_day * beyond + beyond / rate) / to_infinity
    found = {
        "cmax": peak.value,
        "tmax": peak.day,
        "clast": peak.last_value,
        "tlast": peak.last_day,
        "auc_last": to_last,
        "auc_all": whole,
        "auc_inf": to_infinity,
        "auc_extrapolated_fraction": beyond / to_infinity,
        "mrt": mean_time,
        "lambda_z": rate,
        "half_life": np.log(2) / rate,
        "lambda_z_n": slopes.n,
        "lambda_z_first": slopes.first_day,
        "lambda_z_last": slopes.last_day,
        "adj_r2": slopes.adj_r2,
        "span_ratio": slopes.span_ratio,
    }
    for window in options.windows:
        found[window_name(window)] = _partial(peak, curve, rate, window, options)
    return {name: np.where(no_curve, np.nan, each) for name, each in found.items()}


def _partial(peak: _Peak, curve: _Curve, rate: Floats, window: tuple[float, float], options: NcaOptions) -> Floats:
    """The area of a window; past the last point only where that is 0, or by a reported slope."""
    start, end = window
    first_day, last_day, last = curve.day[:, 0], curve.day[:, -1], curve.value[:, -1]
    within = area_between(curve.day, curve.value, start, end, options.method, peak.day)
    with np.errstate(invalid="ignore", over="ignore"):
        begin = np.maximum(start, last_day)
        decay = (
            peak.last_value / rate * (np.exp(-rate * (begin - peak.last_day)) - np.exp(-rate * (end - peak.last_day)))
        )
    area = np.where(end <= last_day, within, np.where(last == 0, within, within + decay))
    # nothing quantifiable: an area of 0 for a window that was looked at whole
    nothing = np.isnan(peak.value)
    covered = (end <= last_day) & (curve.value == 0).all(axis=1)
    area = np.where(nothing, np.where(covered, 0.0, np.nan), area)
    return np.where(start < first_day, np.nan, area)


def _require_profiles(day: Floats, value: Floats) -> None:
    if day.shape != value.shape:
        text = f"days {day.shape}, values {value.shape}"
        raise UsageError(Finding(message="days and values of different shapes", found=text, expected="one shape"))
    placed = ~np.isnan(day)
    falling = np.diff(np.where(placed, day, 0.0), axis=1)
    is_bad = (np.where(placed[:, 1:] & placed[:, :-1], falling, 1) <= 0).any(axis=1)
    # a gap between samples would hide a fall across it
    is_bad |= (placed[:, 1:] & ~placed[:, :-1]).any(axis=1)
    is_bad |= (value < 0).any(axis=1)
    if is_bad.any():
        raise UsageError(
            Finding(
                message="profiles that cannot be read",
                found=f"{int(is_bad.sum())} of {len(day)}, the first is number {int(is_bad.argmax())}",
                expected="days that rise along the row, samples first, values of 0 or more",
                next_step="sort the samples of each profile in time; put what is missing at the end",
            )
        )
