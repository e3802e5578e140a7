"""ICAHT and T-ICAHT of one participant: the early and the late grade from counts by day since the infusion.

Neither is a CTCAE grade, and neither asks why a count is low. Growth factor and transfusion do not change a grade; they
are told beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from celltrial.errors import Finding, UsageError
from celltrial.safety.icaht.days import Count, lowest_by_day
from celltrial.safety.icaht.rules import ICAHT_RULES, T_ICAHT_RULES, IcahtRules, Instrument, bands
from celltrial.safety.icaht.window import WindowGrade, grade_early, grade_late, show_days

__all__ = ["IcahtResult", "grade_icaht", "grade_t_icaht"]

# the recovery of platelets of the paper is one without transfusion for 7 days
_TRANSFUSION_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class IcahtResult:
    """Both grades of a participant.

    nadir: the lowest count from day 0 to the end of the late window; None where there is none.
    end_day: the day on which follow-up ended (censoring or death), if it is given. flags: what to know beside grades.
    """

    early: WindowGrade
    late: WindowGrade
    nadir: Count | None
    end_day: int | None
    rules: IcahtRules
    flags: tuple[str, ...]


def grade_icaht(
    counts: Iterable[Count],
    *,
    censor_day: int | None = None,
    death_day: int | None = None,
    growth_factor_days: Sequence[int] = (),
    rules: IcahtRules = ICAHT_RULES,
) -> IcahtResult:
    """Grade haematotoxicity by neutrophils (EHA/EBMT 2023), early (day 0 to 30) and late (after day 30).

    Args:
        counts: Absolute neutrophil counts per microlitre by day since the infusion, in any order, several a day too.
            Days before 0 are not looked at.
        censor_day: The last day that counts: of follow-up, or of the next lymphodepletion or other cytotoxic therapy
            (our reading for lupus, where the published algorithm ends at progression). Not the day of a data cut: a
            neutropenia that runs to this day is taken as one that never recovered.
        death_day: The day of death.
        growth_factor_days: Days on which a growth factor was given; told, without effect.
        rules: How days are counted.
    Returns:
        Grades 0 to 4, each with its reasons; NotGradable where no count is there, or where days without a count could
        change the grade, with the range.
    Raises:
        UsageError: a negative count, a negative day of an end, a count after death.
    Source: Rejeski K et al., Blood 2023;142:865-77; days counted as in Liang EC, automatedicahtgrading, 2023.

    >>> week = [Count(day=day, value=Decimal(400 if 3 <= day < 10 else 2100)) for day in range(31)]
    >>> grade_icaht(week).early.grade.value
    2
    """
    flags = [f"growth factor given on {show_days(growth_factor_days)}"] if growth_factor_days else []
    return _grade("icaht", counts, censor_day, death_day, rules, flags)


def grade_t_icaht(
    counts: Iterable[Count],
    *,
    censor_day: int | None = None,
    death_day: int | None = None,
    growth_factor_days: Sequence[int] = (),
    transfusion_days: Sequence[int] = (),
    rules: IcahtRules = T_ICAHT_RULES,
) -> IcahtResult:
    """Grade haematotoxicity by platelets (2025), early (day 0 to 30) and late (day 31 to 100).

    Args:
        counts: Platelets in 10^9/L by day since the infusion; otherwise as in `grade_icaht`.
        transfusion_days: Days of a platelet transfusion; told, without effect: the paper grades the counts.
        growth_factor_days: Days on which a thrombopoietin agonist was given; told, without effect.
    Returns and raises: as `grade_icaht`.
    Source: Rejeski K et al., Blood 2025, doi 10.1182/blood.2025028833, table 1. Filling short gaps between counts is
        taken over from ICAHT (our reading).

    >>> counts = [Count(day=day, value=Decimal(19 if day == 9 else 60)) for day in range(31)]
    >>> grade_t_icaht(counts).early.grade.value
    3
    """
    given = list(counts)
    flags = [f"thrombopoietin agonist given on {show_days(growth_factor_days)}"] if growth_factor_days else []
    if transfusion_days:
        flags.append(f"platelets transfused on {show_days(transfusion_days)}")
        mildest = bands("t-icaht", "late")[0]
        lifted = {
            each.day
            for each in given
            if not mildest.holds(each.value)
            and any(0 <= each.day - day <= _TRANSFUSION_DAYS for day in transfusion_days)
        }
        if lifted:
            flags.append(
                f"counts that a transfusion within {_TRANSFUSION_DAYS} days may have lifted: {show_days(lifted)}"
            )
    return _grade("t-icaht", given, censor_day, death_day, rules, flags)


def _grade(
    instrument: Instrument,
    counts: Iterable[Count],
    censor_day: int | None,
    death_day: int | None,
    rules: IcahtRules,
    flags: list[str],
) -> IcahtResult:
    given = list(counts)
    _require_days(given, censor_day, death_day)
    by_day = lowest_by_day(given, rules)
    end = min((day for day in (censor_day, death_day) if day is not None), default=None)
    early = grade_early(instrument, by_day, rules, end=end, is_death=end is not None and end == death_day)
    late = grade_late(instrument, by_day, rules, end=end)
    last = rules.late_last_day if end is None else min(end, rules.late_last_day)
    seen = [Count(day=day, value=value) for day, value in by_day.items() if 0 <= day <= last]
    return IcahtResult(
        early=early,
        late=late,
        nadir=min(seen, key=lambda each: (each.value, each.day), default=None),
        end_day=end,
        rules=rules,
        flags=(*flags, *_ends(early, end), *early.flags, *late.flags, *_near_limits(instrument, by_day, rules)),
    )


def _ends(early: WindowGrade, end: int | None) -> list[str]:
    return [] if end is None or early.ended_on is None else [f"early window ended on day {end}"]


def _near_limits(instrument: Instrument, by_day: dict[int, Decimal], rules: IcahtRules) -> list[str]:
    """Counts that the published algorithm, which rounds what was measured, would take as within a limit."""
    if rules.round_measured or rules.round_interpolated_to is None:
        return []
    step = rules.round_interpolated_to
    close = sorted(
        {
            day
            for band in bands(instrument, "early")
            for day, value in by_day.items()
            if 0 <= day <= 30 and not band.holds(value) and band.holds(round(value / step) * step)
        }
    )
    return [f"{show_days(close)}: a count that lies within a limit only when rounded to {step}"] if close else []


def _require_days(counts: Sequence[Count], censor_day: int | None, death_day: int | None) -> None:
    findings = [
        Finding(
            message="follow-up cannot end before the infusion",
            where=name,
            found=str(day),
            expected="0 or more days after the infusion",
            next_step="correct the day",
        )
        for name, day in (("censor_day", censor_day), ("death_day", death_day))
        if day is not None and day < 0
    ]
    after = sorted({each.day for each in counts if death_day is not None and each.day > death_day})
    if after:
        findings.append(
            Finding(
                message="a count after the day of death",
                where="death_day",
                found=show_days(after),
                expected=f"no count after day {death_day}",
                next_step="correct the day of death or of the count",
            )
        )
    if findings:
        raise UsageError(findings)
