"""Screening one subject: the facts from the record, the anchors, the answered questions; then the criteria decide."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from celltrial.codes import SubjectId
from celltrial.decisions.access.signatures import is_signed
from celltrial.decisions.screening_facts import derive_facts, read_date
from celltrial.eligibility import Criteria, Screening, screen
from celltrial.eligibility.language import Node
from celltrial.errors import Finding, StudyError
from celltrial.record import Consent, Infusion, Lymphodepletion, QuestionAnswer, TrialState
from celltrial.record import Screening as ScreeningVisit
from celltrial.study import Study
from celltrial.studyday import PartialDate, parse_partial_date

__all__ = ["answered_questions", "derive_anchors", "derive_facts", "screen_subject"]


def screen_subject(
    study: Study, state: TrialState, subject: SubjectId, *, stage: str = "screening", as_of: datetime
) -> Screening:
    """One subject against the study's criteria at a stage, on the record as it stands in `state`.

    Where the stage's own anchor has no event yet (the visit, lymphodepletion, the infusion), `as_of` stands
    for it, and a note says so. Raises StudyError where the study has no criteria, UsageError for an unknown stage.
    """
    criteria = study.eligibility
    if not isinstance(criteria, Criteria):
        raise StudyError(Finding(message="the study has no criteria", where=str(study.folder)))
    facts, _ = derive_facts(study, state, subject)
    anchors = dict(derive_anchors(study, state, subject))
    own = criteria.stages.get(stage, "")
    notes: tuple[str, ...] = ()
    if own and anchors.get(own) is None:
        now = as_of.astimezone(study.site.zone).replace(second=0, microsecond=0)
        anchors[own] = parse_partial_date(now.isoformat(timespec="minutes"), study.site.zone)
        notes = (f"{own} has no event in the record yet: the time of asking stands for it",)
    screening = screen(
        _blocked(criteria, study),
        facts,
        stage=stage,
        anchors=anchors,
        as_of=as_of,
        answered=answered_questions(study, state),
    )
    return replace(screening, notes=(*screening.notes, *notes))


def _blocked(criteria: Criteria, study: Study) -> Criteria:
    """The criteria with every question of questions.yaml at the criteria it blocks, where the file names it not yet."""
    blocks: dict[str, list[str]] = {}
    for question in study.questions:
        for criterion in question.blocks:
            blocks.setdefault(criterion, []).append(question.id)

    def lay(node: Node) -> Node:
        named = {question for part in node.walk() for question in part.questions}
        extra = tuple(question for question in blocks.get(node.id, ()) if question not in named)
        return replace(node, questions=(*node.questions, *extra)) if extra else node

    return replace(
        criteria,
        inclusion=tuple(lay(node) for node in criteria.inclusion),
        exclusion=tuple(lay(node) for node in criteria.exclusion),
    )


def answered_questions(study: Study, state: TrialState) -> frozenset[str]:
    """The questions answered in the study files, or by a signed answer in the record."""
    in_files = {question.id for question in study.questions if question.answer.strip()}
    answers = state.entries(QuestionAnswer)
    signed = {entry.body.question for entry in answers if is_signed(state, entry)}
    return frozenset(in_files | signed)


def derive_anchors(study: Study, state: TrialState, subject: SubjectId) -> Mapping[str, PartialDate | None]:
    """The dates the windows count from: consent, the latest screening visit, lymphodepletion, the first infusion."""
    consent = state.latest(Consent, subject)
    visit = state.latest(ScreeningVisit, subject)
    depletion = state.latest(Lymphodepletion, subject)
    infusions = state.entries(Infusion, subject)
    texts = {
        "consent": consent.body.signed_at if consent else "",
        "screening": visit.body.screened_on if visit else "",
        "lymphodepletion": depletion.body.started_on if depletion else "",
        "infusion": infusions[0].body.infused_at if infusions else "",
    }
    return {anchor: read_date(text, study, "", [], anchor) for anchor, text in texts.items()}
