"""Reports of adverse events that do not come from the laboratory: onset, a worse grade, the end, each when known."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from celltrial.record import AdverseEvent, Draft
from celltrial.simulate.calendar import Participant, Run, Step, at_time, plan, write
from celltrial.simulate.forms import form_draft, medication_rows
from celltrial.simulate.infections import INFECTIONS, infection_detail
from celltrial.simulate.medications import Therapy, anakinra, methylprednisolone, tocilizumab
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
    _plan_treatments(run, participant)


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
        if participant.status in ("left", "completed"):
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
        drafts = [Draft(body=body, subject=participant.subject, why=why)]
        if planned.soc == INFECTIONS and not chain:
            drafts.append(_tell_infection(run, participant, planned, body))
        write(run, "investigator", now, drafts)
        chain.append(body)

    return step


def _tell_infection(run: Run, participant: Participant, planned: PlannedEvent, body: AdverseEvent) -> Draft:
    """The detail of an infection; the drug that is given for it goes into the calendar."""
    assert participant.infused_at is not None
    detail = infection_detail(
        planned.term,
        int(body.grade),
        number=body.number,
        onset=date.fromisoformat(body.onset),
        ended=participant.infused_at.date() + timedelta(days=planned.end_day),
    )
    if detail.therapy is not None:
        _plan_therapy(run, participant, detail.therapy)
    return form_draft(participant, "infection", detail.items, visit="")


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


def _plan_treatments(run: Run, participant: Participant) -> None:
    """What is given for CRS, GvHD and IEC-HS of grade 2 or more, entered when it is over."""
    course = participant.course
    assert course is not None
    assert participant.infused_at is not None
    infused_on, weight = participant.infused_at.date(), participant.person.weight_kg
    crs_day = next((day for day, grade in enumerate(course.crs) if grade >= 2), None)
    if crs_day is not None:
        _plan_therapy(run, participant, tocilizumab(on=infused_on + timedelta(days=crs_day), weight_kg=weight))
    if course.gvhd is not None and course.gvhd.grade >= 2:
        on, until = (infused_on + timedelta(days=day) for day in (course.gvhd.onset + 1, course.gvhd.end))
        _plan_therapy(run, participant, methylprednisolone(on=on, until=until, weight_kg=weight))
    if course.iec_hs is not None and course.iec_hs.grade >= 2:
        on, until = (infused_on + timedelta(days=day) for day in (course.iec_hs.onset, course.iec_hs.end))
        _plan_therapy(run, participant, anakinra(on=on, until=until))


def _plan_therapy(run: Run, participant: Participant, therapy: Therapy) -> None:
    def step(run: Run, now: datetime) -> None:
        if participant.status not in ("left", "completed"):
            write(run, "coordinator", now, list(medication_rows(participant, [therapy], visit="")))

    # its last day is known when it is over
    plan(run, at_time(run, therapy.ended or therapy.start, 21), step)


def _serious(planned: PlannedEvent, grade: int) -> Literal["yes", "no"]:
    """Grade 3 and more means a longer stay in hospital; pneumonia of any grade is medically important."""
    return "yes" if grade >= 3 or planned.term == "Lung infection" else "no"
