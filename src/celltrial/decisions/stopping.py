"""The study's stopping rules on the record as it stands: which are met, by whom, and whether the SRC has decided since.

A rule that is met pauses dosing (`gates_dosing.check_not_paused`) until a decision that comes after what met it is
signed. The rules are data (study.yaml, stopping_rules); the probabilities are `safety`'s.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from celltrial.codes import SubjectId
from celltrial.decisions.next_dose import dose_counts, signed_decisions
from celltrial.errors import Finding
from celltrial.record import TrialState
from celltrial.record.toxicity import Syndrome, grade_syndrome
from celltrial.safety import Grade, probability_rate_exceeds
from celltrial.safety.toxicity_terms import toxicity_kind
from celltrial.study import StoppingRule, Study

__all__ = ["MetRule", "check_pause", "find_met_rules", "stopping_prior"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetRule:
    """A stopping rule that is met: what meets it, and the events it comes from. `is_decided`: the SRC has since."""

    rule: StoppingRule
    found: str
    source_events: tuple[int, ...]
    is_decided: bool


# what meets a rule, in words, and the events it comes from; no events = not met
Trigger = tuple[str, tuple[int, ...]]


def find_met_rules(study: Study, state: TrialState) -> tuple[MetRule, ...]:
    """Every stopping rule that the record meets, in the order of the study file."""
    last_decision = max((entry.seq for entry in signed_decisions(state)), default=0)
    met = []
    for rule in study.stopping:
        found, sources = _TRIGGERS[rule.kind](study, state, rule.parameters)
        if sources:
            is_decided = last_decision > max(sources)
            met.append(MetRule(rule=rule, found=found, source_events=sources, is_decided=is_decided))
    return tuple(met)


def check_pause(study: Study, state: TrialState) -> tuple[Finding, ...]:
    """A finding for each rule that is met and on which the committee has not decided since."""
    return tuple(
        Finding(
            message=f"dosing is paused by stopping rule {met.rule.id}",
            where=met.rule.id,
            found=met.found,
            expected=f"a signed SRC decision after event {max(met.source_events)}",
            rule=f"stopping rule {met.rule.id}: {met.rule.text} (study.yaml, stopping_rules)",
            next_step="let the SRC review the data, decide and sign",
        )
        for met in find_met_rules(study, state)
        if not met.is_decided
    )


def stopping_prior(parameters: Mapping[str, float]) -> tuple[float, float]:
    """The Beta prior of a rule on a rate, from its `prior_a` and `prior_b`; uniform where the study gives none."""
    return parameters.get("prior_a", 1.0), parameters.get("prior_b", 1.0)


def _dlt_rate(study: Study, state: TrialState, parameters: Mapping[str, float]) -> Trigger:
    counts = dose_counts(study, state)
    n, events = sum(counts.evaluable.values()), sum(counts.dlts.values())
    limit, cutoff, prior = parameters["rate"], parameters["cutoff"], stopping_prior(parameters)
    probability = probability_rate_exceeds(limit, events=events, n=n, prior=prior)
    text = (
        f"{events}/{n} DLTs over all levels: Pr(rate > {limit:g}) = {probability:.3f} > {cutoff:g}, "
        f"prior Beta({prior[0]:g}, {prior[1]:g})"
    )
    return text, counts.source_events if probability > cutoff else ()


def _related_deaths(_study: Study, state: TrialState, parameters: Mapping[str, float]) -> Trigger:
    hits = [
        (entry.subject, entry.seq)
        for subject in state.subjects
        for entry in state.adverse_events(subject)
        if entry.body.related_product == "yes" and (entry.body.grade == "5" or entry.body.outcome == "fatal")
    ]
    return _enough("death related to the product", hits, parameters)


def _crs_or_icans(study: Study, state: TrialState, parameters: Mapping[str, float]) -> Trigger:
    limit = int(parameters["grade"])
    hits = _graded_hits(study, state, ("crs", "icans"), limit)
    return _enough(f"CRS or ICANS of grade {limit} or higher", hits, parameters)


def _gvhd(study: Study, state: TrialState, parameters: Mapping[str, float]) -> Trigger:
    limit = int(parameters["grade"])
    hits = _graded_hits(study, state, ("gvhd",), limit)
    return _enough(f"GvHD of grade {limit} or higher", hits, {"n": 1} | dict(parameters))


def _graded_hits(
    study: Study, state: TrialState, syndromes: Sequence[Syndrome], limit: int
) -> list[tuple[SubjectId | None, int]]:
    """Assessments that reach the grade, and events reported under a name of the syndromes that do: either is enough."""
    assessed = [
        (subject, each.entries[0].seq)
        for subject in state.subjects
        for syndrome in syndromes
        for each in grade_syndrome(study, state, subject, syndrome, []).assessments
        if isinstance(each.grade, Grade) and each.grade.value >= limit
    ]
    reported = [
        (subject, entry.seq)
        for subject in state.subjects
        for entry in state.adverse_events(subject)
        if toxicity_kind(entry.body.term) in syndromes and int(entry.body.grade) >= limit
    ]
    return [*assessed, *reported]


def _enough(what: str, hits: Sequence[tuple[SubjectId | None, int]], parameters: Mapping[str, float]) -> Trigger:
    subjects = sorted({str(subject) for subject, _ in hits})
    text = f"{what}: {', '.join(subjects)}"
    return text, tuple(seq for _, seq in hits) if len(subjects) >= int(parameters["n"]) else ()


_TRIGGERS: Mapping[str, Callable[[Study, TrialState, Mapping[str, float]], Trigger]] = {
    "bayesian_dlt_rate": _dlt_rate,
    "related_death": _related_deaths,
    "crs_or_icans": _crs_or_icans,
    "gvhd": _gvhd,
}
