"""The monitor and the data manager of a virtual trial: comparisons with sources, queries, freezes, a lock, reviews.

Every six weeks the monitor comes: consents, infusions and a sample of results are compared with their sources, a few
questions are asked, the site answers within days, somebody else closes. Who left untreated is frozen once no question
is open; the first of them is locked at a later visit. Every third visit the data manager reviews the audit trail.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from celltrial.decisions.review import (
    audit_counts,
    lock_state,
    next_query_number,
    queries,
    query_named,
    verified_fields,
)
from celltrial.decisions.review.places import Place
from celltrial.record import AdverseEvent, Consent, Correction, Draft, Entry, FormEntry, Infusion, Lymphodepletion
from celltrial.record.bodies import AuditReview, DataLock, Query, QueryAnswer, QueryClosing, SourceVerification
from celltrial.simulate.calendar import Participant, Run, Step, plan, write
from celltrial.simulate.streams import Topic, stream

__all__ = ["WEEKS_BETWEEN_VISITS", "visit_site"]

WEEKS_BETWEEN_VISITS = 6
_COMPARED_EACH_VISIT = 8
_ASKED_EACH_VISIT = 3
_VISITS_BETWEEN_REVIEWS = 3
_COMMENT = "haemolysed sample, repeated on the same day; noted on the laboratory report"


def visit_site(run: Run, now: datetime) -> None:
    """One monitoring visit, and the next one six weeks later."""
    number = round((now.date() - run.opened_on).days / 7 / WEEKS_BETWEEN_VISITS)
    rng = stream(run.seed, Topic.MONITORING, number)
    _compare(run, rng, now)
    _ask(run, rng, now + timedelta(hours=1))
    _freeze(run, now + timedelta(days=1))
    if number % _VISITS_BETWEEN_REVIEWS == 0:
        plan(run, now + timedelta(days=2), _review)
    following = now + timedelta(weeks=WEEKS_BETWEEN_VISITS)
    if following.date() < run.last_visit_on:
        plan(run, following, visit_site)


def _compare(run: Run, rng: np.random.Generator, now: datetime) -> None:
    """Consents and infusions whole, a sample of laboratory results and serious events; each once."""
    state = run.trial.record.state()
    sampled: list[Entry[Any]] = [
        *_results(run, now),
        *(each for each in state.entries(AdverseEvent) if each.body.serious == "yes"),
    ]
    chosen: list[Entry[Any]] = [
        *state.entries(Consent),
        *state.entries(Infusion),
        *_sample(rng, sampled, _COMPARED_EACH_VISIT),
    ]
    drafts = [
        Draft(
            body=SourceVerification(target=entry.seq, source=_source(entry), result="verified"),
            subject=entry.subject,
            why=f"monitoring visit of {now:%Y-%m-%d}",
        )
        for entry in chosen
        if not verified_fields(state, entry.seq) and not _is_kept(run, entry)
    ]
    write(run, "monitor", now, drafts)


def _ask(run: Run, rng: np.random.Generator, now: datetime) -> None:
    """A few questions about recent results; the last of each visit is about a comment that is missing."""
    state = run.trial.record.state()
    asked = {thread.target for thread in queries(state)}
    open_results = [each for each in _results(run, now) if each.seq not in asked and not _is_kept(run, each)]
    for position, entry in enumerate(_sample(rng, open_results, _ASKED_EACH_VISIT)):
        is_comment = position == _ASKED_EACH_VISIT - 1
        analyte, value = entry.body.items["analyte"], entry.body.items["value"]
        text = (
            f"the laboratory report has a remark on this {analyte}; please add it"
            if is_comment
            else f"{analyte} {value} is far from the result before; please check against the laboratory report"
        )
        field = "items.comment" if is_comment else "items.value"
        number = next_query_number(run.trial.record.state())
        body = Query(number=number, target=entry.seq, text=text, field=field, to_role="coordinator")
        write(run, "monitor", now, [Draft(body=body, subject=entry.subject, why="monitoring visit")])
        answered = now + timedelta(days=int(rng.integers(2, 9)))
        plan(run, answered, _answer_step(number, entry, is_comment=is_comment))
        # now and then one is still open at the next visit
        if rng.random() < 0.9:
            closed = answered + timedelta(days=int(rng.integers(1, 6)))
            plan(run, closed, _close_step(number, is_comment=is_comment))


def _answer_step(number: str, entry: Entry[FormEntry], *, is_comment: bool) -> Step:
    def step(run: Run, now: datetime) -> None:
        if run.trial.record.state().entry(entry.seq) is None:
            return  # entered in error meanwhile, which answers it
        if is_comment:
            body = Correction(target=entry.seq, replace={"items.comment": _COMMENT})
            why = f"remark of the laboratory report added, {number}"
            write(run, "coordinator", now, [Draft(body=body, subject=entry.subject, why=why)])
            return
        text = f"the report says {entry.body.items['value']} {entry.body.items.get('unit', '')}".rstrip()
        body_of_answer = QueryAnswer(number=number, text=text)
        write(run, "coordinator", now, [Draft(body=body_of_answer, subject=entry.subject, why="answer")])

    return step


def _close_step(number: str, *, is_comment: bool) -> Step:
    def step(run: Run, now: datetime) -> None:
        thread = query_named(run.trial.record.state(), number)
        if thread is None or thread.is_closed or thread.status == "open":
            return
        kinds = {item.kind for item in thread.items}
        is_corrected = is_comment or bool(kinds & {"corrected", "entered in error"})
        body = QueryClosing(number=number, outcome="corrected" if is_corrected else "confirmed as it is")
        write(run, "monitor", now, [Draft(body=body, subject=thread.subject, why="query settled")])

    return step


def _freeze(run: Run, now: datetime) -> None:
    """Freeze who left untreated; of those frozen at an earlier visit, lock the first."""
    study, state = run.trial.study, run.trial.record.state()
    locks = state.entries(DataLock)
    is_any_locked = any(each.body.action == "lock" for each in locks)
    for participant in run.participants.values():
        if participant.status != "left" or not _is_complete(run, participant):
            continue
        place = Place(subject=participant.subject, visit="", form="")
        level = lock_state(study, state, place).level
        if level == "open":
            _lock(run, participant, "freeze", "left untreated; the data are complete", now)
        elif level == "frozen" and not is_any_locked:
            _lock(run, participant, "lock", "reviewed and complete", now)
            is_any_locked = True


def _lock(run: Run, participant: Participant, action: Any, why: str, now: datetime) -> None:
    def step(run: Run, now: datetime) -> None:
        body = DataLock(action=action)
        write(run, "data_manager", now, [Draft(body=body, subject=participant.subject, why=why)])

    plan(run, now, step)


def _is_complete(run: Run, participant: Participant) -> bool:
    """Whether nothing more is to come of someone who left: never treated, no question open."""
    state = run.trial.record.state()
    is_treated = bool(state.entries(Lymphodepletion, participant.subject))
    return not is_treated and all(thread.is_closed for thread in queries(state, participant.subject))


def _review(run: Run, now: datetime) -> None:
    record = run.trial.record
    through = record.length
    counts = audit_counts(run.trial.study, record.state(), through=through)
    looked = sum(int(number) for kind, number in counts.items() if kind != "events")
    conclusion = f"{looked} rows looked at, each explained by its reason; no action"
    body = AuditReview(through=through, counts=dict(counts), conclusion=conclusion)
    write(run, "data_manager", now, [Draft(body=body, why="planned review of the audit trail")])


def _results(run: Run, now: datetime) -> list[Entry[FormEntry]]:
    """Laboratory results entered since about the last visit."""
    since = now - timedelta(weeks=WEEKS_BETWEEN_VISITS)
    rows = run.trial.record.state().entries(FormEntry)
    return [each for each in rows if each.body.form == "labs" and each.event.recorded_at > since]


def _is_kept(run: Run, entry: Entry[Any]) -> bool:
    """Whether the entry's participant is frozen or locked."""
    assert entry.subject is not None
    place = Place(subject=entry.subject, visit="", form="")
    return lock_state(run.trial.study, run.trial.record.state(), place).level != "open"


def _sample(rng: np.random.Generator, entries: Sequence[Entry[Any]], most: int) -> Iterator[Entry[Any]]:
    positions = rng.permutation(len(entries))[:most]
    return (entries[int(position)] for position in sorted(positions))


def _source(entry: Entry[Any]) -> str:
    match entry.body:
        case Consent():
            return "signed consent form"
        case Infusion():
            return "infusion protocol of the ward"
        case AdverseEvent():
            return "medical record"
        case _:
            return f"laboratory report of {entry.body.items['collected'][:10]}"
