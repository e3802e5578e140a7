"""Stages of the four organs of acute graft-versus-host disease (MAGIC), each with what is still possible and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Literal

from celltrial.answers import Operator, YesNoUnknown, all_of, any_of, hold_against
from celltrial.errors import Finding, UsageError
from celltrial.safety.grades import require_words
from celltrial.tables import read_package_table

__all__ = ["ORGANS", "AcuteGvhdObservation", "OrganStage", "stage_acute_gvhd"]

ORGANS = ("skin", "liver", "upper_gi", "lower_gi")

_FLAGS = ("other_cause", "bullae", "mixed_with_urine", "severe_abdominal_pain", "ileus", "grossly_bloody_stool")
_PERCENTS = ("rash_bsa_percent", "desquamation_bsa_percent")
_AMOUNTS = ("bilirubin_mg_dl", "bilirubin_umol_l", "stool_ml_per_day", "stool_episodes_per_day", "weight_kg")
_UPPER_GI = {"none": 0, "intermittent": 0, "persistent": 1}
_DESQUAMATION_OVER = Decimal(5)
_ERYTHRODERMA_OVER = Decimal(50)
_ADULT_VALUES_OVER_KG = Decimal(50)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcuteGvhdObservation:
    """What was seen at one time in an adult. None and `unknown` are things not known.

    rash_bsa_percent: active erythema only, percent of body surface. desquamation_bsa_percent: likewise.
    bilirubin_mg_dl, bilirubin_umol_l: total bilirubin, one of the two.
    upper_gi: nausea, vomiting or anorexia. stool_ml_per_day, stool_episodes_per_day: mean of three days; one of them
        is enough. mixed_with_urine: half of the volume counts.
    severe_abdominal_pain: needs opioids (or more of them) and impairs performance. ileus: without effect of its own.
    not_gvhd: organs whose signs are judged to have another cause (stage 0). other_cause: all of them are (grade 0).
    """

    rash_bsa_percent: Decimal | None = None
    bullae: YesNoUnknown = "unknown"
    desquamation_bsa_percent: Decimal | None = None
    bilirubin_mg_dl: Decimal | None = None
    bilirubin_umol_l: Decimal | None = None
    upper_gi: Literal["none", "intermittent", "persistent", "unknown"] = "unknown"
    stool_ml_per_day: Decimal | None = None
    stool_episodes_per_day: Decimal | None = None
    mixed_with_urine: YesNoUnknown = "no"
    severe_abdominal_pain: YesNoUnknown = "unknown"
    ileus: YesNoUnknown = "no"
    grossly_bloody_stool: YesNoUnknown = "unknown"
    not_gvhd: tuple[str, ...] = ()
    other_cause: YesNoUnknown = "no"
    weight_kg: Decimal | None = None
    at: datetime | None = None

    def __post_init__(self) -> None:
        findings = [*_out_of_range(self), *_two_bilirubins(self)]
        words = [(name, str(getattr(self, name)), ("yes", "no", "unknown")) for name in _FLAGS]
        organs = [("not_gvhd", organ, ORGANS) for organ in self.not_gvhd]
        try:
            require_words("acute GvHD", [*words, ("upper_gi", self.upper_gi, (*_UPPER_GI, "unknown")), *organs])
        except UsageError as error:
            findings += error.findings
        if findings:
            raise UsageError(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganStage:
    """An organ's stage, or the stages that are possible while `unknown` is not known.

    flags: what a reader must know beside it, such as a number between two printed bands.
    """

    organ: str
    possible: tuple[int, ...]
    reason: str
    unknown: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def stage(self) -> int | None:
        """The stage where only one is possible."""
        return self.possible[0] if len(self.possible) == 1 else None


def stage_acute_gvhd(observation: AcuteGvhdObservation) -> tuple[OrganStage, ...]:
    """The stages of skin, liver, upper and lower gastrointestinal tract, in this order.

    Skin stage 4 needs three things together: rash over 50 %, bullae, desquamation over 5 %. Lower gastrointestinal
    stage 4 is severe abdominal pain or grossly bloody stool, whatever the volume.

    Source: Harris AC et al., Biol Blood Marrow Transplant 2016;22:4-10, organ stages.

    >>> seen = AcuteGvhdObservation(rash_bsa_percent=Decimal(25), upper_gi="none")
    >>> [each.stage for each in stage_acute_gvhd(seen)]
    [2, None, 0, None]
    """
    staged = (_skin(observation), _liver(observation), _upper_gi(observation), _lower_gi(observation))
    return tuple(_excluded(each) if each.organ in observation.not_gvhd else each for each in staged)


def _excluded(staged: OrganStage) -> OrganStage:
    flags = (
        ("MAGIC does not lower the liver's stage for a second cause beside GvHD",) if staged.organ == "liver" else ()
    )
    return OrganStage(organ=staged.organ, possible=(0,), reason="the signs have another cause", flags=flags)


def _skin(seen: AcuteGvhdObservation) -> OrganStage:
    rash = seen.rash_bsa_percent
    desquamation = hold_against("", seen.desquamation_bsa_percent, ">", _DESQUAMATION_OVER).answer
    blistering = all_of([seen.bullae, desquamation])
    blanks = _blanks(seen, "bullae", "desquamation_bsa_percent") if blistering == "unknown" else ()
    if rash is None:
        possible = (0, 1, 2, 3) if blistering == "no" else (0, 1, 2, 3, 4)
        return OrganStage(
            organ="skin", possible=possible, reason="rash not known", unknown=("rash_bsa_percent", *blanks)
        )
    stage, flags = _banded("rash_bsa_percent", rash)
    reason = f"rash of {rash} % of body surface"
    if rash <= _ERYTHRODERMA_OVER:
        return OrganStage(organ="skin", possible=(stage,), reason=reason, flags=flags)
    match blistering:
        case "yes":
            return OrganStage(organ="skin", possible=(4,), reason=f"{reason} with bullae and desquamation over 5 %")
        case "no":
            return OrganStage(organ="skin", possible=(3,), reason=f"{reason}, no bullae with desquamation over 5 %")
        case _:
            return OrganStage(organ="skin", possible=(3, 4), reason=reason, unknown=blanks)


def _liver(seen: AcuteGvhdObservation) -> OrganStage:
    for measure, value, unit in (
        ("bilirubin_mg_dl", seen.bilirubin_mg_dl, "mg/dL"),
        ("bilirubin_umol_l", seen.bilirubin_umol_l, "umol/L"),
    ):
        if value is not None:
            stage, flags = _banded(measure, value)
            return OrganStage(organ="liver", possible=(stage,), reason=f"bilirubin {value} {unit}", flags=flags)
    return OrganStage(organ="liver", possible=(0, 1, 2, 3, 4), reason="bilirubin not known", unknown=("bilirubin",))


def _upper_gi(seen: AcuteGvhdObservation) -> OrganStage:
    if seen.upper_gi == "unknown":
        return OrganStage(organ="upper_gi", possible=(0, 1), reason="not known", unknown=("upper_gi",))
    reason = f"nausea, vomiting or anorexia: {seen.upper_gi}"
    return OrganStage(organ="upper_gi", possible=(_UPPER_GI[seen.upper_gi],), reason=reason)


def _lower_gi(seen: AcuteGvhdObservation) -> OrganStage:
    signs = {"severe_abdominal_pain": seen.severe_abdominal_pain, "grossly_bloody_stool": seen.grossly_bloody_stool}
    has_sign = any_of(signs.values())
    if has_sign == "yes":
        present = " and ".join(name.replace("_", " ") for name, answer in signs.items() if answer == "yes")
        return OrganStage(organ="lower_gi", possible=(4,), reason=f"{present}, whatever the volume")
    measured = _by_stool(seen)
    flags = measured.flags
    if seen.ileus == "yes" and signs["severe_abdominal_pain"] == "no":
        flags = (*flags, "ileus without severe abdominal pain is not stage 4 by the printed text")
    unsure = tuple(name for name, answer in signs.items() if answer == "unknown")
    return OrganStage(
        organ="lower_gi",
        possible=(*measured.possible, 4) if unsure else measured.possible,
        reason=measured.reason,
        unknown=(*measured.unknown, *unsure),
        flags=flags,
    )


def _by_stool(seen: AcuteGvhdObservation) -> OrganStage:
    """Stage 0 to 3: the higher of volume and number where both are recorded; the one that is, where one is."""
    volume, episodes = seen.stool_ml_per_day, seen.stool_episodes_per_day
    if volume is None and episodes is None:
        unknown = ("stool_ml_per_day", "stool_episodes_per_day")
        return OrganStage(organ="lower_gi", possible=(0, 1, 2, 3), reason="stool not known", unknown=unknown)
    by_number, flags = (0, ()) if episodes is None else _banded("stool_episodes_per_day", episodes)
    stages = {by_number} if volume is None else set()
    for counted in _countable(volume, seen.mixed_with_urine):
        by_volume, more = _banded("stool_ml_per_day", counted)
        stages.add(max(by_volume, by_number))
        flags = (*flags, *more)
        if episodes is not None and by_volume != by_number:
            told = f"stage {by_volume} by volume, {by_number} by number of episodes: the higher counts"
            flags = (*flags, told)
    possible = tuple(sorted(stages))
    parts = [
        f"{volume} mL/day" if volume is not None else "",
        f"{episodes} episodes/day" if episodes is not None else "",
    ]
    mixed = ", mixed with urine: half counts" if volume is not None and seen.mixed_with_urine == "yes" else ""
    return OrganStage(
        organ="lower_gi",
        possible=possible,
        reason=f"stool {', '.join(part for part in parts if part)}{mixed}",
        unknown=("mixed_with_urine",) if len(possible) > 1 else (),
        flags=(*flags, *_weight_note(seen)),
    )


def _countable(volume: Decimal | None, mixed: YesNoUnknown) -> tuple[Decimal, ...]:
    """The volumes that may count: half where urine is in it."""
    if volume is None:
        return ()
    match mixed:
        case "yes":
            return (volume / 2,)
        case "no":
            return (volume,)
        case _:
            return (volume / 2, volume)


def _weight_note(seen: AcuteGvhdObservation) -> tuple[str, ...]:
    if seen.weight_kg is None or seen.weight_kg > _ADULT_VALUES_OVER_KG:
        return ()
    return (f"weight {seen.weight_kg} kg: the adult stool values are meant for more than {_ADULT_VALUES_OVER_KG} kg",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Band:
    stage: int
    operator: Operator
    limit: Decimal
    printed_from: Decimal | None


@cache
def _bands(measure: str) -> tuple[_Band, ...]:
    return tuple(
        _Band(
            stage=int(row["stage"]),
            operator=row["operator"],  # type: ignore[arg-type]  # the table's own signs, held by a test
            limit=Decimal(row["limit"]),
            printed_from=Decimal(row["printed_from"]) if row["printed_from"] else None,
        )
        for row in read_package_table("celltrial.safety.gvhd", "acute_stages.csv")
        if row["measure"] == measure
    )


def _banded(measure: str, value: Decimal) -> tuple[int, tuple[str, ...]]:
    for band in _bands(measure):
        if hold_against("", value, band.operator, band.limit).answer == "yes":
            if band.printed_from is not None and value < band.printed_from:
                told = f"{measure} {value} lies between two printed bands: counted to stage {band.stage}"
                return band.stage, (told,)
            return band.stage, ()
    return 0, ()


def _blanks(seen: AcuteGvhdObservation, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(seen, name) in (None, "unknown"))


def _out_of_range(seen: AcuteGvhdObservation) -> list[Finding]:
    ranges: Sequence[tuple[str, Decimal | None]] = [
        *((name, Decimal(100)) for name in _PERCENTS),
        *((name, None) for name in _AMOUNTS),
    ]
    findings = []
    for name, highest in ranges:
        value = getattr(seen, name)
        if value is not None and (value < 0 or (highest is not None and value > highest)):
            findings.append(
                Finding(
                    message=f"acute GvHD: {name} is a number that makes no sense",
                    where=name,
                    found=str(value),
                    expected="0 or more" if highest is None else f"0 to {highest}",
                    next_step="correct the entry",
                )
            )
    return findings


def _two_bilirubins(seen: AcuteGvhdObservation) -> list[Finding]:
    if seen.bilirubin_mg_dl is None or seen.bilirubin_umol_l is None:
        return []
    found = f"{seen.bilirubin_mg_dl} mg/dL and {seen.bilirubin_umol_l} umol/L"
    return [
        Finding(
            message="acute GvHD: bilirubin is given twice",
            where="bilirubin",
            found=found,
            expected="one value, in one unit",
            next_step="keep the value as the laboratory reported it",
        )
    ]
