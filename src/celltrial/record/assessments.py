"""Bedside assessments and form entries as the methods take them: texts as typed become numbers and moments.

A number that cannot be read, and a word that was left out, are not known.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from celltrial.errors import UnitError
from celltrial.record.bodies import CrsAssessment, IcansAssessment
from celltrial.safety import CrsObservation, IcansObservation
from celltrial.safety.gvhd import AcuteGvhdObservation
from celltrial.safety.iec_hs import IecHsObservation, iec_hs_grading_signs
from celltrial.safety.infections import InfectionObservation
from celltrial.units import parse_number

__all__ = ["crs_observation", "gvhd_observation", "icans_observation", "iec_hs_observation", "infection_observation"]

_GVHD_WORDS = (
    "bullae",
    "upper_gi",
    "mixed_with_urine",
    "severe_abdominal_pain",
    "ileus",
    "grossly_bloody_stool",
    "other_cause",
)
_GVHD_NUMBERS = ("rash_bsa_percent", "desquamation_bsa_percent", "stool_ml_per_day", "stool_episodes_per_day")
_INFECTION_WORDS = (
    "site",
    "organism",
    "treatment",
    "invasive_intervention",
    "hospitalised",
    "intensive_care",
    "life_threatening",
    "death_due_to_infection",
)


def crs_observation(body: CrsAssessment, at: datetime) -> CrsObservation:
    """The observation at the moment `at`; a temperature that is no number is not known."""
    return CrsObservation(
        at=at,
        temperature_c=_number(body.temperature_c),
        hypotension=body.hypotension,
        vasopressors=body.vasopressors,
        oxygen=body.oxygen,
        antipyretic_or_anticytokine=body.antipyretic_or_anticytokine,
        other_cause=body.other_cause,
        death_due_to_crs=body.death_due_to_crs,
    )


def icans_observation(body: IcansAssessment, at: datetime) -> IcansObservation:
    """The observation at the moment `at`; an ICE score that is no number is not known."""
    ice = _number(body.ice)
    return IcansObservation(
        at=at,
        ice=int(ice) if ice is not None else None,
        consciousness=body.consciousness,
        seizure=body.seizure,
        deep_focal_weakness=body.deep_focal_weakness,
        cerebral_oedema=body.cerebral_oedema,
        other_cause=body.other_cause,
        death_due_to_icans=body.death_due_to_icans,
    )


def gvhd_observation(
    items: Mapping[str, str], at: datetime, *, bilirubin_umol_l: Decimal | None
) -> AcuteGvhdObservation:
    """The observation of the form `gvhd_assessment`; total bilirubin comes from the laboratory (umol/L).

    Raises UsageError for numbers and words that make no sense.
    """
    numbers: dict[str, Any] = {name: _number(items.get(name, "")) for name in _GVHD_NUMBERS}
    return AcuteGvhdObservation(at=at, bilirubin_umol_l=bilirubin_umol_l, **numbers, **_words(items, _GVHD_WORDS))


def iec_hs_observation(items: Mapping[str, str], at: datetime) -> IecHsObservation:
    """The observation of the form `iec_hs_assessment`.

    Diagnosed although the signs have another cause is a contradiction: whether it is IEC-HS is then not known.
    Raises UsageError for words that make no sense.
    """
    words = _words(items, ("diagnosed", *iec_hs_grading_signs()))
    if words["diagnosed"] == "yes" and items.get("other_cause") == "yes":
        words["diagnosed"] = "unknown"
    return IecHsObservation(at=at, **words)


def infection_observation(items: Mapping[str, str]) -> InfectionObservation:
    """The observation of the form `infection`. Raises UsageError for words that make no sense."""
    return InfectionObservation(**_words(items, _INFECTION_WORDS))


def _words(items: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """The words by name; the methods check them."""
    return {name: items.get(name, "").strip() or "unknown" for name in names}


def _number(text: str) -> Decimal | None:
    try:
        return parse_number(text)
    except UnitError:
        return None
