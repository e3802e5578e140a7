"""From vital signs and the medication list to CRS observations and episodes.

The consensus (ASTCT 2019) grades fever, hypotension and hypoxia; it does not say below which pressure a participant is
hypotensive, nor below which saturation hypoxic, nor how long a drug masks fever, nor how long the signs must be gone
for a resolution. Each of these is a parameter here (`CrsDailyRules`), and every observation that rests on one says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, assert_never, get_args

from celltrial.answers import YesNoUnknown
from celltrial.errors import Finding, UsageError
from celltrial.safety.crs import FEVER_C, CrsObservation, Oxygen, crs_episodes, grade_crs
from celltrial.safety.episodes import Episode
from celltrial.safety.grades import Grade, require_words

__all__ = [
    "CrsDailyRules",
    "CrsTherapy",
    "TreatedEpisode",
    "VitalSigns",
    "derive_crs_observations",
    "derive_treated_crs_episodes",
]

Device = Literal[
    "none",
    "nasal cannula",
    "high-flow nasal cannula",
    "blow-by",
    "facemask",
    "non-rebreather",
    "venturi",
    "cpap",
    "bipap",
    "ventilation",
    "airway only",
    "unknown",
]
_DEVICES: tuple[str, ...] = get_args(Device)
_THERAPIES = ("antipyretic", "tocilizumab", "other anticytokine", "steroid")
_LOW_FLOW_L_MIN = Decimal(6)
_PLAUSIBLE = {
    "systolic_mmhg": (Decimal(20), Decimal(300)),
    "spo2_room_air_percent": (Decimal(30), Decimal(100)),
    "oxygen_flow_l_min": (Decimal(0), Decimal(100)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalSigns:
    """One reading. None and `unknown` are things not known.

    hypotension: as the clinician recorded it; `unknown` leaves it to the systolic pressure and the rules.
    spo2_room_air_percent: saturation without oxygen.
    oxygen_device: `ventilation` by a tube or tracheostomy with positive pressure; `airway only` a tube that guards the
        airway (of a participant with ICANS, say), which is no sign of CRS. Whoever breathes room air has `none`.
    vasopressors: their names; None where it is not known whether any runs.
    """

    at: datetime
    temperature_c: Decimal | None = None
    systolic_mmhg: Decimal | None = None
    hypotension: YesNoUnknown = "unknown"
    spo2_room_air_percent: Decimal | None = None
    oxygen_device: Device = "unknown"
    oxygen_flow_l_min: Decimal | None = None
    vasopressors: tuple[str, ...] | None = ()
    other_cause: YesNoUnknown = "no"
    death_due_to_crs: YesNoUnknown = "no"

    def __post_init__(self) -> None:
        yes_no = ("yes", "no", "unknown")
        flags = ("hypotension", "other_cause", "death_due_to_crs")
        words = [(name, str(getattr(self, name)), yes_no) for name in flags]
        require_words("CRS", [*words, ("oxygen_device", self.oxygen_device, _DEVICES)])
        findings = [
            Finding(
                message=f"CRS: {name} cannot be",
                where=f"{name} {self.at.isoformat()}",
                found=str(value),
                expected=f"{low} to {high}",
                next_step="correct the reading",
            )
            for name, (low, high) in _PLAUSIBLE.items()
            if (value := getattr(self, name)) is not None and not low <= value <= high
        ]
        if findings:
            raise UsageError(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsTherapy:
    """A dose that may mask fever or treats CRS. Maintenance steroids and other standing therapy are not listed here."""

    at: datetime
    kind: Literal["antipyretic", "tocilizumab", "other anticytokine", "steroid"]

    def __post_init__(self) -> None:
        require_words("CRS therapy", [("kind", self.kind, _THERAPIES)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsDailyRules:
    """What the consensus leaves open; all of it our choice.

    hypotension_below_mmhg: systolic pressure under which there is hypotension where nobody recorded whether; None: the
        pressure is not read, only what was recorded.
    hypoxia_below_percent: saturation on room air under which a participant without oxygen is taken as one who needs
        low-flow oxygen (grade 2); None: only the oxygen that was given counts.
    antipyretic_masks: how long an antipyretic may mask fever.
    anticytokine_masks: the same for tocilizumab, other anticytokine therapy and steroids; None: of a dose given since
        the fever, to the end of the CRS; of an earlier one, as long as an antipyretic.
    quiet: how long fever, hypotension and hypoxia must have been gone for the CRS to have resolved.
    """

    hypotension_below_mmhg: Decimal | None = Decimal(90)
    hypoxia_below_percent: Decimal | None = Decimal(92)
    antipyretic_masks: timedelta = timedelta(hours=24)
    anticytokine_masks: timedelta | None = None
    quiet: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedEpisode:
    """An episode of CRS and the doses given from its onset to its end."""

    episode: Episode
    tocilizumab: tuple[datetime, ...]
    steroids: tuple[datetime, ...]
    other: tuple[CrsTherapy, ...]


def derive_crs_observations(
    readings: Iterable[VitalSigns], therapies: Iterable[CrsTherapy] | None, *, rules: CrsDailyRules | None = None
) -> tuple[CrsObservation, ...]:
    """The observations to grade, in time.

    CRS begins with a fever that has no other cause. From then on, until the signs have been gone for `rules.quiet`, a
    therapy given since then may mask fever (`antipyretic_or_anticytokine` is yes), for as long as the rules say. A
    therapy given shortly before any fever was seen leaves it unknown whether the onset was masked.

    Args:
        readings: in any order; several a day are welcome.
        therapies: every dose; None where it is not known what was given (masking is then unknown throughout).
    Source: Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-38, table 2 and its notes; thresholds of `rules`.

    >>> at = datetime(2026, 3, 1, 8)
    >>> (seen,) = derive_crs_observations(
    ...     [VitalSigns(at=at, temperature_c=Decimal("38.6"), systolic_mmhg=Decimal(84), oxygen_device="none")], [])
    >>> seen.hypotension, seen.notes
    ('yes', ('hypotension: systolic 84 mmHg, under 90 (our threshold)',))
    """
    chosen = rules or CrsDailyRules()
    doses = None if therapies is None else sorted(therapies, key=lambda each: each.at)
    observations: list[CrsObservation] = []
    onset: datetime | None = None
    quiet_since: datetime | None = None
    for each in sorted(readings, key=lambda reading: reading.at):
        if quiet_since is not None and each.at - quiet_since >= chosen.quiet:
            onset = quiet_since = None
        seen = _observe(each, _masking(each.at, onset, doses, chosen), chosen)
        grade = grade_crs(seen)
        if (isinstance(grade, Grade) and grade.value > 0) or _has_fever(seen):
            onset, quiet_since = onset or each.at, None
        elif isinstance(grade, Grade) and onset is not None:
            quiet_since = quiet_since or each.at
        observations.append(seen)
    return tuple(observations)


def derive_treated_crs_episodes(
    readings: Iterable[VitalSigns], therapies: Iterable[CrsTherapy] | None, *, rules: CrsDailyRules | None = None
) -> tuple[TreatedEpisode, ...]:
    """The episodes of CRS (onset, maximum, resolution) with the treatment given in each.

    An episode resolves at the first observation without signs, once they have been gone for `rules.quiet`. Whatever
    cannot be graded is kept in its episode with the reason, and makes the maximum a lower bound.
    Arguments as in `derive_crs_observations`.
    """
    chosen = rules or CrsDailyRules()
    doses = None if therapies is None else sorted(therapies, key=lambda each: each.at)
    episodes = crs_episodes(derive_crs_observations(readings, doses, rules=chosen), quiet=chosen.quiet)
    return tuple(_with_treatment(each, doses or ()) for each in episodes)


def _with_treatment(episode: Episode, doses: Sequence[CrsTherapy]) -> TreatedEpisode:
    end = episode.resolution or episode.last_observed
    given = [dose for dose in doses if episode.onset <= dose.at <= end]
    return TreatedEpisode(
        episode=episode,
        tocilizumab=tuple(dose.at for dose in given if dose.kind == "tocilizumab"),
        steroids=tuple(dose.at for dose in given if dose.kind == "steroid"),
        other=tuple(dose for dose in given if dose.kind in ("antipyretic", "other anticytokine")),
    )


def _observe(reading: VitalSigns, masking: YesNoUnknown, rules: CrsDailyRules) -> CrsObservation:
    hypotension, pressure_note = _hypotension(reading, rules)
    oxygen, oxygen_note = _oxygen(reading, rules)
    return CrsObservation(
        at=reading.at,
        temperature_c=reading.temperature_c,
        hypotension=hypotension,
        vasopressors=reading.vasopressors,
        oxygen=oxygen,
        antipyretic_or_anticytokine=masking,
        other_cause=reading.other_cause,
        death_due_to_crs=reading.death_due_to_crs,
        notes=tuple(note for note in (pressure_note, oxygen_note) if note),
    )


def _has_fever(seen: CrsObservation) -> bool:
    """A fever that has no other cause: with it the syndrome has begun, whether or not the grade is known."""
    return seen.temperature_c is not None and seen.temperature_c >= FEVER_C and seen.other_cause == "no"


def _masking(
    at: datetime, onset: datetime | None, doses: Sequence[CrsTherapy] | None, rules: CrsDailyRules
) -> YesNoUnknown:
    if doses is None:
        return "unknown"
    for dose in doses:
        window = rules.antipyretic_masks if dose.kind == "antipyretic" else rules.anticytokine_masks
        masks_on = window is None and onset is not None and onset <= dose.at
        if dose.at <= at and (masks_on or at - dose.at <= (window or rules.antipyretic_masks)):
            # before any fever was seen the dose may have hidden the onset, or there was nothing to hide
            return "unknown" if onset is None else "yes"
    return "no"


def _hypotension(reading: VitalSigns, rules: CrsDailyRules) -> tuple[YesNoUnknown, str]:
    limit, systolic = rules.hypotension_below_mmhg, reading.systolic_mmhg
    if reading.hypotension != "unknown" or limit is None or systolic is None:
        return reading.hypotension, ""
    if systolic < limit:
        return "yes", f"hypotension: systolic {systolic} mmHg, under {limit} (our threshold)"
    return "no", f"no hypotension: systolic {systolic} mmHg, not under {limit} (our threshold)"


def _oxygen(reading: VitalSigns, rules: CrsDailyRules) -> tuple[Oxygen, str]:
    given = _device(reading)
    saturation, limit = reading.spo2_room_air_percent, rules.hypoxia_below_percent
    if given == "unknown" and saturation is not None:
        given = "none"
    if given == "none" and saturation is not None and limit is not None and saturation < limit:
        return (
            "low-flow",
            f"hypoxia: {saturation} % on room air, under {limit} (our threshold), taken as low-flow oxygen",
        )
    return given, ""


def _device(reading: VitalSigns) -> Oxygen:
    match reading.oxygen_device:
        case "none" | "airway only":
            return "none"
        case "blow-by":
            return "low-flow"
        case "nasal cannula":
            flow = reading.oxygen_flow_l_min
            return "nasal cannula" if flow is None else "low-flow" if flow <= _LOW_FLOW_L_MIN else "high-flow"
        case "high-flow nasal cannula" | "facemask" | "non-rebreather" | "venturi":
            return "high-flow"
        case "cpap" | "bipap" | "ventilation":
            return "positive pressure"
        case "unknown":
            return "unknown"
        case _:
            assert_never(reading.oxygen_device)
