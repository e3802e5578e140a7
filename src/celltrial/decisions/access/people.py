"""The delegation log: who holds which role where, from when to when, and whether the training it asks for is done.

All of it is folded from events: `person`, `role_grant`, `role_end`, `training`, `site_activation`. A record without a
single `role_grant` has no delegation log; what it enforces, and from when on, stands in `delegation.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from celltrial.record import Entry, Event, TrialState
from celltrial.record.bodies import Person, RoleEnd, RoleGrant, SiteActivation, Training
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = [
    "Delegation",
    "TopicState",
    "delegations",
    "describe_problems",
    "has_delegation_log",
    "is_site_active",
    "person_entry",
    "review_access",
]


_LOG = (Person.TYPE, RoleEnd.TYPE, RoleGrant.TYPE, Training.TYPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """One topic that the role asks for: done on which day, valid until which (None: without end). None: not done."""

    topic: str
    on: date | None
    valid_until: date | None

    def is_valid(self, day: date) -> bool:
        return self.on is not None and self.on <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """One line of the delegation log as it stands on a day.

    status: `active`, `ended`, `not yet`, or `held up` (what is missing is in `problems`). since, until: days; until
    None where no end is set. last_write: the last event that this person wrote in this role.
    """

    person: str
    printed_name: str
    role: str
    site: str
    since: date
    until: date | None
    status: str
    topics: tuple[TopicState, ...]
    problems: tuple[str, ...]
    seq: int
    last_write: datetime | None = None
    notices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The line as one JSON object, days in ISO 8601."""
        return {
            "person": self.person,
            "printed_name": self.printed_name,
            "role": self.role,
            "site": self.site,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "status": self.status,
            "training": [
                {
                    "topic": each.topic,
                    "on": each.on.isoformat() if each.on else None,
                    "valid_until": each.valid_until.isoformat() if each.valid_until else None,
                }
                for each in self.topics
            ],
            "problems": list(self.problems),
            "event": self.seq,
            "last_write": self.last_write.isoformat() if self.last_write else None,
            "notices": list(self.notices),
        }


def has_delegation_log(state: TrialState) -> bool:
    """Whether anybody was ever given a role; one entered in error counts, so that the log is not shut off again."""
    return bool(state.entries(RoleGrant)) or any(isinstance(each.body, RoleGrant) for each in state.voided)


def person_entry(state: TrialState, person: str) -> Entry[Person] | None:
    """The standing event that made the person known, or None."""
    return next(iter(state.lookup(Person, _known_as).get(person, ())), None)


def is_site_active(study: Study, state: TrialState, site: str, day: date) -> bool:
    """Whether the last word on the site up to that day is that it is active."""
    words = [each for each in state.entries(SiteActivation) if each.body.site == site]
    told = [each for each in words if _day(study, each.body.on) <= day]
    return bool(told) and told[-1].body.status == "active"


def delegations(study: Study, state: TrialState, day: date) -> tuple[Delegation, ...]:
    """The delegation log as it stands on a day of the site: the last grant of each person, role and site."""
    grants = {(each.body.person, each.body.role, each.body.site): each for each in state.entries(RoleGrant)}
    return tuple(_delegation(study, state, each, day) for each in grants.values())


def describe_problems(study: Study, state: TrialState, person: str, role: str, site: str, day: date) -> tuple[str, ...]:
    """Why this person may not write in this role at this site on that day; empty where nothing is in the way."""

    def find() -> tuple[Study, tuple[str, ...]]:
        # with the study: as long as this answer is kept, no other has its id
        return study, _problems(study, state, person, role, site, day)

    # asked for each of the thousand rows that one person writes
    return state.recall(_LOG, ("problems", id(study), person, role, site, day), find)[1]


def _problems(study: Study, state: TrialState, person: str, role: str, site: str, day: date) -> tuple[str, ...]:
    lines = state.lookup(RoleGrant, _line).get((person, role, site), ())
    if not lines:
        return (f"{person} has no standing grant of the role {role} at site {site}",)
    found = _delegation(study, state, lines[-1], day)
    if found.status in ("ended", "not yet"):
        word = f"from {found.since} on" if found.status == "not yet" else f"until {found.until}"
        return (f"the role {role} was given to {person} {word} (event {found.seq})",)
    return found.problems


def review_access(study: Study, state: TrialState, events: tuple[Event, ...], day: date) -> tuple[Delegation, ...]:
    """The periodic review: each line with the last event written in it, and what ends within the days of notice."""
    last = {(str(each.author.person), each.author.role, each.author.site): each.recorded_at for each in events}
    soon = day + timedelta(days=study.access.notice_days)
    reviewed = []
    for each in delegations(study, state, day):
        line = {name: getattr(each, name) for name in each.__slots__}
        line["last_write"] = last.get((each.person, each.role, each.site))
        line["notices"] = tuple(_notices(each, day, soon))
        reviewed.append(Delegation(**line))
    return tuple(reviewed)


def _notices(line: Delegation, day: date, soon: date) -> Iterator[str]:
    if line.status == "ended":
        return
    if line.until and day <= line.until <= soon:
        yield f"the role ends on {line.until}"
    for topic in line.topics:
        if topic.valid_until and topic.is_valid(day) and topic.valid_until <= soon:
            yield f"training in {topic.topic} ends on {topic.valid_until}"


def _delegation(study: Study, state: TrialState, grant: Entry[RoleGrant], day: date) -> Delegation:
    body = grant.body
    since, until = _day(study, body.starts_on), _day(study, body.ends_on) if body.ends_on else None
    ends = [
        _day(study, each.body.on) - timedelta(days=1)
        for each in state.lookup(RoleEnd, _line).get((body.person, body.role, body.site), ())
        if each.seq > grant.seq
    ]
    until = min((*ends, *((until,) if until else ())), default=None)
    topics = tuple(_topic(study, state, body.person, topic) for topic in study.access.training.get(body.role, ()))
    known = person_entry(state, body.person)
    unknown = () if known else (f"{body.person} is not known: no person event with the identity checked",)
    problems = unknown + tuple(_topic_problem(each, day) for each in topics if not each.is_valid(day))
    status = "active"
    if until is not None and until < day:
        status = "ended"
    elif since > day:
        status = "not yet"
    elif problems:
        status = "held up"
    return Delegation(
        person=body.person,
        printed_name=known.body.printed_name if known else "",
        role=body.role,
        site=body.site,
        since=since,
        until=until,
        status=status,
        topics=topics,
        problems=problems,
        seq=grant.seq,
    )


def _topic(study: Study, state: TrialState, person: str, topic: str) -> TopicState:
    done = state.lookup(Training, _course).get((person, topic), ())
    if not done:
        return TopicState(topic=topic, on=None, valid_until=None)
    last = done[-1].body
    ends = parse_partial_date(last.valid_until, study.site.zone).latest if last.valid_until else None
    valid = ends.astimezone(study.site.zone).date() if ends else None
    return TopicState(topic=topic, on=_day(study, last.on), valid_until=valid)


def _topic_problem(topic: TopicState, day: date) -> str:
    if topic.on is None:
        return f"no training in {topic.topic}"
    if topic.on > day:
        return f"training in {topic.topic} is dated {topic.on}, after {day}"
    return f"training in {topic.topic} ended on {topic.valid_until}"


def _known_as(body: Person) -> tuple[str]:
    return (body.person,)


def _line(body: RoleGrant | RoleEnd) -> tuple[tuple[str, str, str]]:
    return ((body.person, body.role, body.site),)


def _course(body: Training) -> tuple[tuple[str, str]]:
    return ((body.person, body.topic),)


def _day(study: Study, text: str) -> date:
    """The day at the site; of a month or a year the first: the gates let in only whole days."""
    return parse_partial_date(text, study.site.zone).earliest.astimezone(study.site.zone).date()
