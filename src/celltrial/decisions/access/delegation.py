"""Delegation, enforced: from the first `role_grant` on, only people with a standing role write, each in theirs.

A record without a delegation log takes roles as they are claimed, and says so. The first line of the log must let its
writer go on (their own role, with everything that it asks for), or nobody could write the second.
"""

from collections.abc import Sequence
from datetime import date, datetime

from celltrial.codes import PersonId
from celltrial.decisions.access.people import describe_problems, has_delegation_log, is_site_active, person_entry
from celltrial.errors import CelltrialError, Finding
from celltrial.record import Author, Draft, TrialState
from celltrial.record.bodies import Person, RoleEnd, RoleGrant, SiteActivation, Training
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = ["check_delegation", "check_end", "check_grant", "check_person", "check_site", "check_training"]

Findings = Sequence[Finding]
_RULE = "delegation log (ICH E6(R3) 2.3.3; 21 CFR 11.10(g), (i)); docs/access.md"


def check_delegation(study: Study, state: TrialState, draft: Draft, author: Author, at: datetime) -> Findings:
    """Once there is a delegation log: the writer is known, holds the role, is trained for it, at an active site."""
    if not has_delegation_log(state):
        return ()
    day = at.astimezone(study.site.zone).date()
    problems = list(describe_problems(study, state, author.person, author.role, author.site, day))
    known = person_entry(state, author.person)
    if known and author.printed_name and author.printed_name != known.body.printed_name:
        problems.append(f"{author.person} is {known.body.printed_name!r} in the record, not {author.printed_name!r}")
    if draft.subject is not None and not is_site_active(study, state, author.site, day):
        problems.append(f"site {author.site} is not active on {day}")
    return tuple(
        Finding(
            message=f"{author.person} may not write as {author.role} at site {author.site}: {problem}",
            where=_where(draft),
            found=f"on {day}",
            rule=_RULE,
            next_step="let someone write whom the log allows, or complete the log: celltrial access STUDY",
        )
        for problem in problems
    )


def check_person(_study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """A person is known by an id that nobody else had, a printed name, and how the identity was checked."""
    body = draft.body
    if not isinstance(body, Person):
        return ()
    findings = []
    try:
        PersonId(body.person)
    except CelltrialError as error:
        findings += [Finding(message=each.message, where=_where(draft), found=each.found) for each in error.findings]
    for name in ("printed_name", "identity_checked"):
        if not getattr(body, name).strip():
            findings.append(
                _refuse(draft, f"{name} is blank", rule="21 CFR 11.100(b): the identity is verified before all else")
            )
    before = [each for each in state.voided if isinstance(each.body, Person) and each.body.person == body.person]
    for each in before:
        if each.body.printed_name != body.printed_name:
            message = f"the id {body.person} was given to {each.body.printed_name!r} (event {each.seq})"
            findings.append(_refuse(draft, message, rule="21 CFR 11.100(a): an id is never given to somebody else"))
    return findings


def check_grant(study: Study, state: TrialState, draft: Draft, author: Author, at: datetime) -> Findings:
    """A grant names a known person, a role and the site of the study; nobody grants to themselves but in the first."""
    body = draft.body
    if not isinstance(body, RoleGrant):
        return ()
    findings = list(_check_line(study, state, draft, body))
    findings += _whole_days(study, draft, starts_on=body.starts_on, ends_on=body.ends_on)
    if findings:
        return findings
    if has_delegation_log(state):
        if body.person == author.person:
            findings.append(_refuse(draft, "nobody grants a role to themselves", rule=_RULE))
        return findings
    return _check_first(study, state, draft, body, author, at)


def check_end(study: Study, state: TrialState, draft: Draft, author: Author, _at: datetime) -> Findings:
    """What ends was granted, and somebody else ends it: one who may write always stays."""
    body = draft.body
    if not isinstance(body, RoleEnd):
        return ()
    line = (body.person, body.role, body.site)
    granted = [each for each in state.entries(RoleGrant) if (each.body.person, each.body.role, each.body.site) == line]
    if not granted:
        return (_refuse(draft, f"{body.person} was never given the role {body.role} at site {body.site}", rule=_RULE),)
    if body.person == author.person:
        return (_refuse(draft, "nobody ends a role of their own", rule=_RULE, next_step="let another end it"),)
    return _whole_days(study, draft, on=body.on)


def check_training(study: Study, state: TrialState, draft: Draft, author: Author, at: datetime) -> Findings:
    """The trained person is known, the day is over, the evidence is named; nobody certifies their own."""
    body = draft.body
    if not isinstance(body, Training):
        return ()
    findings = list(_whole_days(study, draft, on=body.on, valid_until=body.valid_until))
    if person_entry(state, body.person) is None:
        findings.append(_refuse(draft, f"{body.person} is not known", rule=_RULE, next_step="record the person first"))
    if not body.evidence.strip():
        findings.append(_refuse(draft, "the training has no evidence", rule="21 CFR 11.10(i)"))
    if has_delegation_log(state) and body.person == author.person:
        findings.append(_refuse(draft, "nobody records their own training", rule=_RULE))
    if not findings and _day(study, body.on) > at.astimezone(study.site.zone).date():
        findings.append(_refuse(draft, "the training lies after the time of writing", rule=_RULE))
    return findings


def check_site(study: Study, _state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """A site of the study is activated on approvals that are named."""
    body = draft.body
    if not isinstance(body, SiteActivation):
        return ()
    findings = list(_whole_days(study, draft, on=body.on))
    if body.site != study.site.id:
        findings.append(_refuse(draft, f"site {body.site!r} is not of this study", expected=study.site.id))
    if not body.approvals.strip():
        findings.append(_refuse(draft, "the approvals are blank", rule="ICH E6(R3) 4.3.5"))
    return findings


def _check_line(study: Study, state: TrialState, draft: Draft, body: RoleGrant) -> Findings:
    findings = []
    if all(each.id != body.role for each in study.roles):
        roles = ", ".join(each.id for each in study.roles)
        findings.append(_refuse(draft, f"unknown role {body.role!r}", expected=f"one of: {roles}"))
    if body.site != study.site.id:
        findings.append(_refuse(draft, f"site {body.site!r} is not of this study", expected=study.site.id))
    if person_entry(state, body.person) is None:
        findings.append(_refuse(draft, f"{body.person} is not known", rule=_RULE, next_step="record the person first"))
    return findings


def _check_first(
    study: Study, state: TrialState, draft: Draft, body: RoleGrant, author: Author, at: datetime
) -> Findings:
    """The first line of the log: after it the writer must be able to go on."""
    day = at.astimezone(study.site.zone).date()
    problems = []
    if (body.person, body.role, body.site) != (author.person, author.role, author.site):
        problems.append("it is not the writer's own role")
    elif not (_day(study, body.starts_on) <= day and (not body.ends_on or day <= _day(study, body.ends_on))):
        problems.append(f"it does not hold on {day}")
    else:
        trained = {each.body.topic for each in state.entries(Training) if each.body.person == body.person}
        needed = study.access.training.get(body.role, ())
        problems += [f"no training in {topic}" for topic in needed if topic not in trained]
    return tuple(
        _refuse(
            draft,
            f"the first line of the delegation log must let its writer go on: {problem}",
            expected=f"a grant of {author.role} to {author.person}, with the training that it asks for",
            rule=_RULE,
            next_step="record your own line first; from then on only those in the log can write",
        )
        for problem in problems
    )


def _whole_days(study: Study, draft: Draft, **texts: str) -> Findings:
    """Each text that is given is a whole day: a role or a training begins and ends on one."""
    findings = []
    for name, text in texts.items():
        blank_is_fine = name in ("ends_on", "valid_until")
        try:
            whole = parse_partial_date(text, study.site.zone).day if text.strip() else None
        except CelltrialError:
            whole = None
        if whole is None and not (blank_is_fine and not text.strip()):
            findings.append(_refuse(draft, f"{name} is not a day", expected="a day, YYYY-MM-DD"))
    return findings


def _day(study: Study, text: str) -> date:
    return parse_partial_date(text, study.site.zone).day


def _refuse(draft: Draft, message: str, *, expected: str = "", rule: str = "", next_step: str = "") -> Finding:
    return Finding(message=message, where=_where(draft), expected=expected, rule=rule, next_step=next_step)


def _where(draft: Draft) -> str:
    return f"subject {draft.subject}, {draft.body.TYPE}" if draft.subject else draft.body.TYPE
