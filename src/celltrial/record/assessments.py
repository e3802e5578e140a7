"""Bedside assessments as the methods take them: texts as typed become numbers and moments."""

from datetime import datetime
from decimal import Decimal

from celltrial.errors import UnitError
from celltrial.record.bodies import CrsAssessment, IcansAssessment
from celltrial.safety import CrsObservation, IcansObservation
from celltrial.units import parse_number

__all__ = ["crs_observation", "icans_observation"]


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


def _number(text: str) -> Decimal | None:
    try:
        return parse_number(text)
    except UnitError:
        return None
