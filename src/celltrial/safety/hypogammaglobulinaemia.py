"""Hypogammaglobulinaemia from serial IgG: bands by g/L, episodes, and a grade by what was done about it.

CTCAE has no such term. Bands of IgG (`igg_bands.csv`) are practice and differ; they are told beside the grade, never as
the grade. The grade is the generic scale of CTCAE, our reading: 1 low and not treated, 2 immunoglobulin given,
3 admission because of it, 4 life-threatening, 5 death.

Immunoglobulin given (IVIG, or under the skin) hides the participant's own IgG: a sample within `mask_days` after a dose
proves no recovery, and is at least as severe as it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise, product
from typing import Literal

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding, UsageError
from celltrial.missing import Blq, NotEvaluable, NotGradable
from celltrial.safety.grades import Grade, agree_on_grade, require_words
from celltrial.tables import read_package_table

__all__ = [
    "IggBand",
    "IggEpisode",
    "IggReading",
    "IggSample",
    "grade_hypogammaglobulinaemia",
    "igg_bands",
    "igg_episodes",
    "read_igg",
]

_LLN_G_L = Decimal(7)
_MASK_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class IggBand:
    """A band: an IgG under `below_g_l` is at least in it."""

    name: str
    below_g_l: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IggSample:
    """A serum IgG in g/L; Blq below the assay's limit, None where not known."""

    on: date
    igg_g_l: Decimal | Blq | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IggReading:
    """A sample with its band.

    band: the name, `normal` at or above the lower limit; NotEvaluable where it cannot be told: no value, a limit of
    quantification above a band's limit, or immunoglobulin given shortly before. at_least: the mildest band that is
    certain; None where even a normal IgG is possible. masked_by: the dose that hides the own IgG.
    """

    on: date
    igg_g_l: Decimal | Blq | None
    band: str | NotEvaluable
    at_least: str | None
    masked_by: date | None

    @property
    def is_low(self) -> YesNoUnknown:
        """Whether IgG is under the lower limit."""
        if self.at_least is not None:
            return "yes"
        return "no" if self.band == "normal" else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class IggEpisode:
    """From the first low IgG to recovery, or to the last sample.

    recovery: the first sample that is surely normal; NotEvaluable where there is none by the last sample. nadir: the
    lowest IgG known, and its first day; nadir_is_masked: drawn shortly after immunoglobulin. immunoglobulin: the doses
    from onset to recovery (or the last sample). flags: what a reader must know beside it.
    """

    onset: date
    nadir_g_l: Decimal | Blq
    nadir_on: date
    nadir_is_masked: bool
    worst_band: str
    recovery: date | NotEvaluable
    last_sample: date
    immunoglobulin: tuple[date, ...]
    flags: tuple[str, ...]


def igg_bands(name: str = "practice", *, lln_g_l: Decimal = _LLN_G_L) -> tuple[IggBand, ...]:
    """The bands of a set (`practice`, `nz_2019`), mildest first, with the laboratory's lower limit in g/L.

    Raises UsageError for another set, or a lower limit that is not above the next band.

    >>> [(each.name, str(each.below_g_l)) for each in igg_bands()]
    [('mild', '7'), ('moderate', '6'), ('severe', '4')]
    """
    rows = [row for row in read_package_table("celltrial.safety", "igg_bands.csv") if row["set"] == name]
    if not rows:
        known = sorted({row["set"] for row in read_package_table("celltrial.safety", "igg_bands.csv")})
        raise UsageError(Finding(message="no such set of IgG bands", found=repr(name), expected=", ".join(known)))
    bands = tuple(
        IggBand(name=row["band"], below_g_l=lln_g_l if row["below_g_l"] == "LLN" else Decimal(row["below_g_l"]))
        for row in rows
    )
    _require_bands(bands)
    return bands


def read_igg(
    samples: Sequence[IggSample],
    immunoglobulin: Sequence[date] = (),
    *,
    bands: Sequence[IggBand] | None = None,
    mask_days: int = _MASK_DAYS,
) -> tuple[IggReading, ...]:
    """The samples in time, each with its band.

    immunoglobulin: the days on which it was given. A sample on the day of a dose counts as drawn before it.
    mask_days: how long a dose hides the own IgG, 28 by default: about the half-life of IgG, our choice, unverified.
    bands: `igg_bands()` by default.

    Raises UsageError for a negative IgG, two samples on a day, bands out of order, or negative mask_days.
    """
    limits = igg_bands() if bands is None else tuple(bands)
    _require_bands(limits)
    _require_samples(samples, mask_days)
    return tuple(
        _reading(each, limits, _masking_dose(each.on, immunoglobulin, mask_days))
        for each in sorted(samples, key=lambda each: each.on)
    )


def igg_episodes(
    samples: Sequence[IggSample],
    immunoglobulin: Sequence[date] = (),
    *,
    bands: Sequence[IggBand] | None = None,
    mask_days: int = _MASK_DAYS,
) -> tuple[IggEpisode, ...]:
    """The episodes of low IgG, in time; arguments and errors as `read_igg`."""
    limits = igg_bands() if bands is None else tuple(bands)
    readings = read_igg(samples, immunoglobulin, bands=limits, mask_days=mask_days)
    episodes: list[IggEpisode] = []
    run: list[IggReading] = []
    for each in readings:
        if not run and each.is_low == "yes":
            run = [each]
        elif run:
            if each.is_low == "no":
                episodes.append(_episode(run, each.on, readings[-1].on, immunoglobulin, limits))
                run = []
            else:
                run.append(each)
    if run:
        episodes.append(_episode(run, None, readings[-1].on, immunoglobulin, limits))
    return tuple(episodes)


def grade_hypogammaglobulinaemia(
    *,
    low_igg: YesNoUnknown,
    immunoglobulin_given: YesNoUnknown,
    hospitalised: YesNoUnknown,
    life_threatening: YesNoUnknown,
    death: YesNoUnknown,
) -> Grade | NotGradable:
    """The grade on the generic scale of CTCAE, 0 to 5, or NotGradable naming what would change it.

    low_igg: under the laboratory's lower limit. The others: because of the low IgG. Whatever is not known is tried
    each way. Immunoglobulin given is at least grade 2 (our reading).

    Source: NCI CTCAE v5.0 (2017), Investigations - Other, specify; the reading for IgG is ours.

    >>> no = {"hospitalised": "no", "life_threatening": "no", "death": "no"}
    >>> grade_hypogammaglobulinaemia(low_igg="yes", immunoglobulin_given="yes", **no).value
    2
    """
    given = {
        "low_igg": low_igg,
        "immunoglobulin_given": immunoglobulin_given,
        "hospitalised": hospitalised,
        "life_threatening": life_threatening,
        "death": death,
    }
    require_words("hypogammaglobulinaemia", [(name, word, ("yes", "no", "unknown")) for name, word in given.items()])
    unknown = [name for name, word in given.items() if word == "unknown"]
    grades = []
    for values in product(("no", "yes"), repeat=len(unknown)):
        grades.append(_grade_complete(given | dict(zip(unknown, values, strict=True))))
    return agree_on_grade(grades, unknown)


def _grade_complete(words: dict[str, Literal["yes", "no", "unknown"]] | dict[str, str]) -> Grade:
    steps = (("death", 5), ("life_threatening", 4), ("hospitalised", 3), ("immunoglobulin_given", 2), ("low_igg", 1))
    for name, grade in steps:
        if words[name] == "yes":
            return Grade(grade, (name.replace("_", " "),))
    return Grade(0, ("IgG not low",))


def _reading(sample: IggSample, bands: Sequence[IggBand], dose: date | None) -> IggReading:
    """The band of a sample: of its lowest and highest possible own IgG, where they agree."""
    value = sample.igg_g_l
    highest = None if value is None else _band(value, bands)
    lowest: str = bands[-1].name
    # without a dose before, a number is what it shows; below a limit, or hidden by a dose, it may be anything lower
    if isinstance(value, Decimal) and dose is None:
        lowest = highest or "normal"
    at_least = None if highest in (None, "normal") else highest
    band: str | NotEvaluable
    if highest is not None and highest == lowest:
        band = highest
    elif value is None:
        band = NotEvaluable("no value")
    elif dose is not None:
        band = NotEvaluable(f"immunoglobulin on {dose} hides the own IgG")
    else:
        band = NotEvaluable("below a limit of quantification that lies above the limit of a band")
    return IggReading(on=sample.on, igg_g_l=value, band=band, at_least=at_least, masked_by=dose)


def _band(value: Decimal | Blq, bands: Sequence[IggBand]) -> str:
    """The band of the highest IgG that the value may be; `normal` where none."""
    if isinstance(value, Blq):
        holding = [each.name for each in bands if value.lloq <= each.below_g_l]
    else:
        holding = [each.name for each in bands if value < each.below_g_l]
    return holding[-1] if holding else "normal"


def _masking_dose(on: date, doses: Sequence[date], mask_days: int) -> date | None:
    before = [dose for dose in doses if 0 < (on - dose).days <= mask_days]
    return max(before, default=None)


def _episode(
    run: Sequence[IggReading],
    recovery: date | None,
    last_sample: date,
    doses: Sequence[date],
    bands: Sequence[IggBand],
) -> IggEpisode:
    known = [each for each in run if each.igg_g_l is not None]
    nadir = min(known, key=lambda each: (_sort_value(each.igg_g_l), each.on))
    order = [each.name for each in bands]
    worst = max((each.at_least for each in run if each.at_least), key=order.index)
    end = recovery or last_sample
    flags = [f"{len(run) - len(known)} samples without a value"] if len(known) < len(run) else []
    if any(each.masked_by for each in run):
        flags.append("samples shortly after immunoglobulin: the own IgG may be lower than shown")
    value = nadir.igg_g_l
    assert value is not None  # only known values were compared
    return IggEpisode(
        onset=run[0].on,
        nadir_g_l=value,
        nadir_on=nadir.on,
        nadir_is_masked=nadir.masked_by is not None,
        worst_band=worst,
        recovery=recovery or NotEvaluable(f"not surely normal by the last sample, {last_sample}"),
        last_sample=last_sample,
        immunoglobulin=tuple(sorted(dose for dose in doses if run[0].on <= dose <= end)),
        flags=tuple(flags),
    )


def _sort_value(value: Decimal | Blq | None) -> tuple[int, Decimal]:
    """For sorting: below a limit of quantification is lower than any number."""
    match value:
        case Blq(lloq):
            return (0, lloq)
        case None:
            return (2, Decimal(0))
        case number:
            return (1, number)


def _require_bands(bands: Sequence[IggBand]) -> None:
    limits = [each.below_g_l for each in bands]
    if not limits or limits[-1] <= 0 or any(first <= second for first, second in pairwise(limits)):
        raise UsageError(
            Finding(
                message="IgG bands must go from the mildest to the most severe, with limits that fall and stay above 0",
                found=", ".join(f"{each.name} < {each.below_g_l}" for each in bands) or "none",
                next_step="correct the bands or the lower limit of normal (g/L)",
            )
        )


def _require_samples(samples: Sequence[IggSample], mask_days: int) -> None:
    days = [each.on for each in samples]
    findings = [
        Finding(message="an IgG is negative", where=str(each.on), found=str(each.igg_g_l))
        for each in samples
        if isinstance(each.igg_g_l, Decimal) and each.igg_g_l < 0
    ]
    findings += [
        Finding(message="two samples of IgG on one day", where=str(day), next_step="keep one of them")
        for day in sorted({day for day in days if days.count(day) > 1})
    ]
    if mask_days < 0:
        findings.append(Finding(message="mask_days cannot be negative", found=str(mask_days)))
    if findings:
        raise UsageError(findings)
