"""Reports of adverse events that do not come from the laboratory: onset, a worse grade, the end, each when known."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from celltrial.record import AdverseEvent, Draft
from celltrial.simulate.calendar import Participant, Run, Step, at_time, plan, write
from celltrial.simulate.forms import medication_rows
from celltrial.simulate.medications import tocilizumab
from celltrial.simulate.toxicity import PlannedEvent

__all__ = ["plan_events"]

Grade = Literal["1", "2", "3", "4", "5"]
_GRADES: tuple[Grade, ...] = ("1", "2", "3", "4", "5")
_IN_HOSPITAL_DAYS = 15


def plan_events(run: Run, participant: Participant) -> None:
    """Put the reports of every event of the participant's course into the calendar."""
    course = participant.course
    assert course is not None
    assert participant.infused_at is not None
    episodes = [
        _episode("Cytokine release syndrome", "Immune system disorders", course.crs),
        _episode("Immune effector cell-associated neurotoxicity syndrome", "Nervous system disorders", course.icans),
    ]
    for planned in (*(each for each in episodes if each is not None), *course.events):
        _plan_reports(run, participant, planned)
    _plan_tocilizumab(run, participant)


def _episode(term: str, soc: str, grades: tuple[int, ...]) -> PlannedEvent | None:
    """The adverse event that an episode of CRS or ICANS is reported as: at its onset, and again when it is worse."""
    days = [day for day, grade in enumerate(grades) if grade]
    if not days:
        return None
    steps: list[tuple[int, int]] = []
    for day in days:
        if not steps or grades[day] > steps[-1][1]:
            steps.append((day, grades[day]))
    return PlannedEvent(term=term, soc=soc, steps=tuple(steps), end_day=days[-1], related_product="yes")


def _plan_reports(run: Run, participant: Participant, planned: PlannedEvent) -> None:
    assert participant.infused_at is not None
    infused_on = participant.infused_at.date()
    chain: list[AdverseEvent] = []
    for index, (day, grade) in enumerate(planned.steps):
        # what began before the infusion day is written down on it; what begins at home is told some days later
        delay = 0 if day < _IN_HOSPITAL_DAYS else 2 + day % 5
        at = at_time(run, infused_on + timedelta(days=max(day, 0) + delay), 19, index)
        plan(run, at, _report_step(participant, planned, chain, day, grade))
    delay = 0 if planned.end_day < _IN_HOSPITAL_DAYS else 2 + planned.end_day % 4
    plan(
        run,
        at_time(run, infused_on + timedelta(days=planned.end_day + delay), 20),
        _end_step(participant, planned, chain),
    )


def _report_step(
    participant: Participant, planned: PlannedEvent, chain: list[AdverseEvent], day: int, grade: int
) -> Step:
    def step(run: Run, now: datetime) -> None:
        if participant.status == "left":
            return
        assert participant.infused_at is not None
        onset = participant.infused_at.date() + timedelta(days=day)
        body = (
            replace(chain[-1], grade=_GRADES[grade - 1], serious=_serious(planned, grade))
            if chain
            else AdverseEvent(
                number=participant.take_event_number(),
                term=planned.term,
                soc=planned.soc,
                onset=onset.isoformat(),
                grade=_GRADES[grade - 1],
                serious=_serious(planned, grade),
                related_product=planned.related_product,
                related_lymphodepletion=planned.related_lymphodepletion,
                is_licats=planned.is_licats,
                comment=planned.comment,
            )
        )
        why = "follow-up: worse" if chain else "first entry"
        write(run, "investigator", now, [Draft(body=body, subject=participant.subject, why=why)])
        chain.append(body)

    return step


def _end_step(participant: Participant, planned: PlannedEvent, chain: list[AdverseEvent]) -> Step:
    def step(run: Run, now: datetime) -> None:
        # an event that began before someone left is followed to its end; one that was never reported is not
        if not chain:
            return
        assert participant.infused_at is not None
        ended = participant.infused_at.date() + timedelta(days=planned.end_day)
        body = replace(chain[-1], outcome="resolved", ended=ended.isoformat())
        write(run, "investigator", now, [Draft(body=body, subject=participant.subject, why="follow-up: resolved")])

    return step


def _plan_tocilizumab(run: Run, participant: Participant) -> None:
    """One dose on the first day of CRS of grade 2 or more."""
    course = participant.course
    assert course is not None
    assert participant.infused_at is not None
    day = next((day for day, grade in enumerate(course.crs) if grade >= 2), None)
    if day is None:
        return
    on = participant.infused_at.date() + timedelta(days=day)

    def step(run: Run, now: datetime) -> None:
        if participant.status != "left":
            therapy = tocilizumab(on=on, weight_kg=participant.person.weight_kg)
            write(run, "coordinator", now, list(medication_rows(participant, [therapy], visit="")))

    plan(run, at_time(run, on, 21), step)


def _serious(planned: PlannedEvent, grade: int) -> Literal["yes", "no"]:
    """Grade 3 and more means a longer stay in hospital, as does pneumonia of any grade."""
    return "yes" if grade >= 3 or planned.term == "Lung infection" else "no"
