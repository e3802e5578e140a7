"""What a dose does to a person: everything after infusion, drawn once when the dose is known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from celltrial.simulate.immune import Gvhd, IecHs, simulate_gvhd, simulate_iec_hs
from celltrial.simulate.kinetics import Kinetics, at_dose
from celltrial.simulate.scenario import Scenario
from celltrial.simulate.streams import Topic, stream
from celltrial.simulate.toxicity import (
    DLT_KINDS,
    PlannedEvent,
    simulate_crs,
    simulate_events,
    simulate_icans,
    simulate_licats,
)

if TYPE_CHECKING:
    from celltrial.simulate.population import Person

__all__ = ["Course", "simulate_course"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One participant after the dose; days since infusion.

    dlt_kind: crs, icans, liver or gvhd; blank without a DLT.
    crs, icans: the true grade of each day 0, 1, ...; events: adverse events to come, the DLT of the liver among them;
    leaves_on: the day they leave the study, with the reason, or None; liver: (onset day, peak in multiples of ULN).
    """

    kinetics: Kinetics
    dlt_kind: str
    crs: tuple[int, ...]
    icans: tuple[int, ...]
    events: tuple[PlannedEvent, ...]
    liver: tuple[int, float] | None
    gvhd: Gvhd | None = None
    iec_hs: IecHs | None = None
    leaves_on: int | None
    leaves_because: str

    def inflammation_at(self, day: float) -> float:
        """How far inflammation is up, in units of the worst CRS grade; 0 without CRS."""
        days = [each for each, grade in enumerate(self.crs) if grade]
        if not days:
            return 0.0
        middle = 0.5 * (days[0] + days[-1]) + 0.5
        width = 0.5 * (days[-1] - days[0]) + 2.5
        return max(self.crs) * float(np.exp(-0.5 * ((day - middle) / width) ** 2))

    def liver_uln_at(self, day: float) -> float:
        """What a liver toxicity adds to transaminases, in multiples of the upper limit of normal."""
        if self.liver is None or day < self.liver[0]:
            return 0.0
        onset, peak = self.liver
        since = day - onset
        return peak * (1.0 if since <= 10 else float(0.5 ** ((since - 10) / 4.0))) * min(1.0, 0.6 + since / 5.0)

    def urine_factor_at(self, day: float) -> float:
        """How much more protein the urine holds while the kidney has a LICATS."""
        active = any(
            e.is_licats == "yes" and e.term == "Proteinuria" and e.steps[0][0] <= day <= e.end_day for e in self.events
        )
        return 1.6 if active else 1.0

    def transaminases_are_reported(self) -> bool:
        """Whether the rise is an event of its own already (the DLT of the liver)."""
        return self.dlt_kind == "liver"


def simulate_course(seed: int, person: "Person", scenario: Scenario, *, cells: float) -> Course:
    """Draw what follows `cells` CAR-T cells in `person`; the same whatever else has happened in the trial."""
    rng = stream(seed, Topic.COURSE, person.index)
    kinetics = at_dose(person.kinetics, cells)
    has_dlt = bool(rng.random() < scenario.dlt_probability_at(cells))
    kind = DLT_KINDS[int(rng.integers(len(DLT_KINDS)))] if has_dlt else ""
    immune = stream(seed, Topic.IMMUNE, person.index)
    if has_dlt and immune.random() < scenario.gvhd["of_dlt"]:
        kind = "gvhd"
    gvhd = simulate_gvhd(immune, scenario.gvhd["grade_1"], dlt=kind == "gvhd")
    toxic = stream(seed, Topic.TOXICITY, person.index)
    crs = simulate_crs(toxic, scenario.crs, is_expander=kinetics.is_expander, dlt=kind == "crs")
    icans = simulate_icans(toxic, scenario.icans, crs=crs, dlt=kind == "icans")
    iec_hs = simulate_iec_hs(stream(seed, Topic.IMMUNE, person.index, 1), scenario.iec_hs, crs)
    licats = simulate_licats(toxic, scenario.licats, person.disease)
    events = simulate_events(toxic)
    liver = _liver(toxic, is_dlt=kind == "liver")
    leaves_on, because = _leaving(rng, scenario)
    return Course(
        kinetics=kinetics,
        dlt_kind=kind,
        crs=crs,
        icans=icans,
        events=(*events, *((licats,) if licats else ()), *_severe_liver(kind, liver), *_immune_events(gvhd, iec_hs)),
        liver=liver,
        gvhd=gvhd,
        iec_hs=iec_hs,
        leaves_on=leaves_on,
        leaves_because=because,
    )


def _immune_events(gvhd: Gvhd | None, iec_hs: IecHs | None) -> tuple[PlannedEvent, ...]:
    """The adverse events that acute GvHD and IEC-HS are reported as, with the grade of their own scales."""
    told = []
    if gvhd is not None:
        told.append(("Graft versus host disease", gvhd.onset, gvhd.grade, gvhd.end))
    if iec_hs is not None:
        told.append(("Immune effector cell-associated HLH-like syndrome", iec_hs.onset, iec_hs.grade, iec_hs.end))
    return tuple(
        PlannedEvent(
            term=term,
            soc="Immune system disorders",
            steps=((onset, grade),),
            end_day=end,
            related_product="yes",
        )
        for term, onset, grade, end in told
    )


def _liver(rng: np.random.Generator, *, is_dlt: bool) -> tuple[int, float] | None:
    onset, peak = int(rng.integers(5, 14)), float(rng.uniform(0.8, 3.2))
    has_mild = bool(rng.random() < 0.18)
    if is_dlt:
        return onset, float(6.5 + 2.0 * rng.random())
    return (onset, peak) if has_mild else None


def _severe_liver(kind: str, liver: tuple[int, float] | None) -> tuple[PlannedEvent, ...]:
    """The adverse event of a liver DLT: grade 3 from its second day, for more than a week."""
    if kind != "liver" or liver is None:
        return ()
    onset = liver[0]
    return (
        PlannedEvent(
            term="Alanine aminotransferase increased",
            soc="Investigations",
            steps=((onset, 2), (onset + 1, 3)),
            end_day=onset + 17,
            related_product="yes",
            comment="no other cause found: no infection, no new drug",
        ),
    )


def _leaving(rng: np.random.Generator, scenario: Scenario) -> tuple[int | None, str]:
    early, late = rng.random(2)
    early_day, late_day = int(rng.integers(16, 27)), int(rng.integers(45, 260))
    reason = "participant's wish" if rng.random() < 0.7 else "lost to follow-up"
    if early < scenario.withdrawal_in_window:
        return early_day, "participant's wish"
    if late < scenario.withdrawal_later:
        return late_day, reason
    return None, ""
