"""Gates on the person's way into the trial: role, consent, eligibility, enrolment, withdrawal, order of dates."""

from collections.abc import Sequence
from datetime import date, datetime

from celltrial.codes import ItemId, SubjectId
from celltrial.decisions.screening import screen_subject
from celltrial.errors import DateError, Finding
from celltrial.record import Author, Draft, Entry, TrialState
from celltrial.record.bodies import (
    AdverseEvent,
    Completion,
    Consent,
    Correction,
    CrsAssessment,
    DataLock,
    DltAssessment,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    IcansAssessment,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    ProductRelease,
    Query,
    QueryAnswer,
    QueryClosing,
    QuestionAnswer,
    Redaction,
    RedactionApproval,
    Screening,
    Signature,
    SourceVerification,
    Visit,
    Withdrawal,
)
from celltrial.study import Study
from celltrial.studyday import parse_partial_date

__all__ = [
    "check_eligible",
    "check_not_in_future",
    "check_not_withdrawn",
    "check_places",
    "check_screening_after_consent",
    "check_verdict_is_computed",
    "site_day",
]

# the field that says when it happened, for the kinds that are dated by the site
_DATED = {
    Consent: "signed_at",
    Screening: "screened_on",
    Enrolment: "enrolled_on",
    Lymphodepletion: "started_on",
    Infusion: "infused_at",
    Visit: "on",
    AdverseEvent: "onset",
    DltAssessment: "assessed_on",
    Withdrawal: "on",
    Completion: "on",
    ProductRelease: "released_at",
    KineticsSample: "collected_at",
    CrsAssessment: "at",
    IcansAssessment: "at",
}
_STAGE_OF = {Enrolment: "screening", Lymphodepletion: "lymphodepletion", Infusion: "infusion"}
# what may still be written after someone has left the study: the ends of what had begun, and their correction
# and the work on the data that are there
_AFTER_LEAVING = (
    AdverseEvent,
    DltAssessment,
    Correction,
    Signature,
    QuestionAnswer,
    Query,
    QueryAnswer,
    QueryClosing,
    SourceVerification,
    DataLock,
    Redaction,
    RedactionApproval,
)


def site_day(study: Study, text: str) -> date:
    """The calendar day of a recorded date at the site. Raises DateError where the day is not known."""
    return parse_partial_date(text, study.site.zone).day


def check_not_withdrawn(
    study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Sequence[Finding]:
    """After someone has left the study, only follow-up of what had begun is recorded."""
    if draft.subject is None or isinstance(draft.body, _AFTER_LEAVING):
        return ()
    left: Entry[Withdrawal] | Entry[Completion] | None = next(
        (each for each in state.entries(Withdrawal, draft.subject) if each.body.scope != "treatment"), None
    )
    left = left or state.latest(Completion, draft.subject)
    if left is None or _happened_by(study, draft, left.body.on):
        return ()
    return (
        Finding(
            message=f"{draft.subject} left the study on {left.body.on}: {draft.body.TYPE} cannot follow",
            where=_where(draft),
            found=f"{left.event.type}, event {left.seq}",
            rule="data after withdrawal of consent are not collected, but for the outcome of adverse events",
            next_step="correct the date, or correct the withdrawal with a reason",
        ),
    )


def check_not_in_future(
    study: Study, _state: TrialState, draft: Draft, _author: Author, at: datetime
) -> Sequence[Finding]:
    """What is recorded has happened: its date is readable and not after the time of writing."""
    name = _DATED.get(type(draft.body))
    if name is None:
        return ()
    text = str(getattr(draft.body, name))
    try:
        when = parse_partial_date(text, study.site.zone)
    except DateError as error:
        return [
            Finding(message=f"{name} is not a date", where=_where(draft), found=each.found, expected=each.expected)
            for each in error.findings
        ]
    if when.earliest <= at:
        return ()
    return (
        Finding(
            message=f"{name} lies after the time of writing",
            where=_where(draft),
            found=text,
            expected=f"not after {at.astimezone(study.site.zone):%Y-%m-%d %H:%M}",
            rule="an event is recorded when it has happened",
            next_step="correct the date",
        ),
    )


def check_screening_after_consent(
    study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Sequence[Finding]:
    """The screening visit is not before the consent."""
    consent = state.latest(Consent, draft.subject) if draft.subject else None
    if consent is None or not isinstance(draft.body, Screening):
        return ()
    signed, screened = site_day(study, consent.body.signed_at), site_day(study, draft.body.screened_on)
    if screened >= signed:
        return ()
    return (
        Finding(
            message="the screening visit lies before the consent",
            where=_where(draft),
            found=f"screened on {screened}",
            expected=f"on or after {signed}, when consent was signed (event {consent.seq})",
            rule="ICH E6(R3) 2.8: consent before any trial procedure",
            next_step="correct the date of the visit, or the consent with a reason",
        ),
    )


def check_verdict_is_computed(
    study: Study, state: TrialState, draft: Draft, _author: Author, at: datetime
) -> Sequence[Finding]:
    """What is signed is what was computed from the record: the same verdict, over the same content."""
    if not isinstance(draft.body, EligibilitySignature) or draft.subject is None:
        return ()
    screening = screen_subject(study, state, draft.subject, stage=draft.body.stage, as_of=at)
    same = screening.verdict == draft.body.verdict and screening.content_hash == draft.body.content_hash
    if same or (draft.body.verdict == "not eligible" and screening.verdict == "unknown"):
        return ()
    return (
        Finding(
            message=f"the signed verdict is not what the record gives for stage {draft.body.stage}",
            where=_where(draft),
            found=f"{draft.body.verdict} over {draft.body.content_hash[:12]}",
            expected=f"{screening.verdict} over {screening.content_hash[:12]}",
            rule="a signature covers the content that was shown; no waiver of a criterion",
            next_step=f"screen {draft.subject} again and sign what is shown",
        ),
    )


def check_eligible(study: Study, state: TrialState, draft: Draft, _author: Author, at: datetime) -> Sequence[Finding]:
    """The stage's verdict is signed as eligible, and the record still gives it."""
    if draft.subject is None:
        return ()
    stage = _STAGE_OF[type(draft.body)]
    signed = [each for each in state.entries(EligibilitySignature, draft.subject) if each.body.stage == stage]
    if not signed or signed[-1].body.verdict != "eligible":
        found = f"signed {signed[-1].body.verdict!r} (event {signed[-1].seq})" if signed else "no signature"
        return (_not_signed(draft, stage, found),)
    screening = screen_subject(study, state, draft.subject, stage=stage, as_of=at)
    if screening.verdict == "eligible":
        return ()
    return (
        Finding(
            message=f"the record no longer gives {draft.subject} as eligible for stage {stage}",
            where=_where(draft),
            found=f"{screening.verdict} now; signed eligible in event {signed[-1].seq}",
            rule="a signature falls when what it covers changes",
            next_step=f"run: celltrial screen STUDY {draft.subject} --stage {stage}",
        ),
    )


def check_places(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Sequence[Finding]:
    """No more participants than the study has places; one who left before the infusion gives the place back."""
    taken = [entry for entry in state.entries(Enrolment) if entry.subject and not _left_uninfused(state, entry.subject)]
    limit = study.escalation.max_participants
    if len(taken) < limit:
        return ()
    return (
        Finding(
            message=f"all {limit} places are taken",
            where=_where(draft),
            found=f"{len(taken)} enrolled",
            rule=f"target number of participants: {limit} (study.yaml, design; registry record)",
            next_step="amend the protocol to enrol more",
        ),
    )


def _left_uninfused(state: TrialState, subject: SubjectId) -> bool:
    return bool(state.entries(Withdrawal, subject)) and not state.entries(Infusion, subject)


def _not_signed(draft: Draft, stage: str, found: str) -> Finding:
    return Finding(
        message=f"{draft.subject} cannot go on to {draft.body.TYPE}: eligibility is not signed for stage {stage}",
        where=_where(draft),
        found=found,
        expected=f"an eligibility signature of stage {stage} with verdict 'eligible'",
        rule="eligibility is signed for the stage before the step it opens (study.yaml, design)",
        next_step=f"screen and sign: celltrial screen STUDY {draft.subject} --stage {stage}",
    )


def _happened_by(study: Study, draft: Draft, last_day: str) -> bool:
    """Whether what is recorded late had happened while the person was still in the study."""
    last = parse_partial_date(last_day, study.site.zone).latest
    try:
        moments = [parse_partial_date(text, study.site.zone).earliest for text in _dates(study, draft)]
    except DateError:
        return False
    return bool(moments) and all(moment <= last for moment in moments)


def _dates(study: Study, draft: Draft) -> list[str]:
    if isinstance(draft.body, FormEntry):
        form = study.form(draft.body.form)
        kinds = {item.id: item.kind for item in form.items} if form else {}
        return [text for item, text in draft.body.items.items() if text and kinds.get(ItemId(item)) == "date"]
    name = _DATED.get(type(draft.body))
    return [str(getattr(draft.body, name))] if name else []


def _where(draft: Draft) -> str:
    return f"subject {draft.subject}, {draft.body.TYPE}" if draft.subject else draft.body.TYPE
