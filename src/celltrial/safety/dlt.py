"""Dose-limiting toxicity: a predicate over data that proposes, with its reasons. A person adjudicates, always.

The clauses and exclusions come from the study's DLT rule as data. What is excluded is listed for adjudication and not
dropped; what is not known makes the proposal `unknown`, never `no`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from celltrial.safety.dlt_rule import Clause, Exclusion, ToxicityKind, excluded_terms, parse_clauses, parse_exclusions
from celltrial.safety.grades import YesNoUnknown, require_words

__all__ = ["ClauseMatch", "DltProposal", "Toxicity", "last_window_day", "propose_dlt"]

Standing = Literal["met", "unknown", "excluded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxicity:
    """One toxicity of one participant, as far as it is known.

    grade: the maximum, 0 to 5; None where it could not be graded. onset_day: study day from the first infusion (day 1
    is the day of infusion, there is no day 0); None where not known.
    duration_hours: how long it lasted at the grade that counts; None where unknown or still going on.
    lasted_at_least_hours: how long it was certainly seen, for one that is still going on.
    source: the event it comes from, for the reader.
    """

    kind: ToxicityKind
    term: str
    grade: int | None
    onset_day: int | None
    duration_hours: float | None = None
    lasted_at_least_hours: float = 0.0
    related: YesNoUnknown = "unknown"
    is_licats: YesNoUnknown = "no"
    is_disease: YesNoUnknown = "no"
    is_lymphodepletion_cytopenia: YesNoUnknown = "no"
    is_isolated_lab: YesNoUnknown = "no"
    source: str = ""

    def __post_init__(self) -> None:
        flags = ("related", "is_licats", "is_disease", "is_lymphodepletion_cytopenia", "is_isolated_lab")
        words = [(name, str(getattr(self, name)), ("yes", "no", "unknown")) for name in flags]
        require_words("toxicity", [*words, ("kind", self.kind, get_args(ToxicityKind))])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseMatch:
    """A toxicity under a clause: `met`, `unknown` (something needed is not known) or `excluded`, and why."""

    clause: str
    toxicity: Toxicity
    standing: Standing
    why: str
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DltProposal:
    """What the rule says of the data: a proposal for adjudication, never a verdict.

    matches: everything that met a clause, may have met one, or met one and is excluded, in the order of clauses.
    """

    proposed: Literal["yes", "no", "unknown"]
    reasons: tuple[str, ...]
    matches: tuple[ClauseMatch, ...]

    @property
    def for_adjudication(self) -> tuple[ClauseMatch, ...]:
        """Matches that an exclusion took out of the proposal: a person confirms each."""
        return tuple(match for match in self.matches if match.standing == "excluded")


def last_window_day(window_days: int) -> int:
    """The last study day of a window of `window_days` days after the infusion, that day included.

    The infusion is study day 1, so the 28th day after it is study day 29.

    >>> last_window_day(28)
    29
    """
    return window_days + 1


def propose_dlt(
    toxicities: Sequence[Toxicity],
    clauses: Sequence[Mapping[str, object]],
    exclusions: Sequence[Mapping[str, object]],
    *,
    window_days: int,
    observed_to_day: int | None = None,
) -> DltProposal:
    """Hold a participant's toxicities against the DLT rule.

    Args:
        clauses: mappings {id, kind, grade_at_least, lasting_over?, related?}: a toxicity of that kind and grade, with
            onset in the window, lasting longer than `lasting_over` ("72 hours") where given, related to the product
            where `related: true`. A toxicity of grade 5 also counts under a clause of kind `death`.
        exclusions: mappings {id, kind}: licats, disease, lymphodepletion_cytopenia, isolated_lab (by what the toxicity
            says), alopecia, b_cell_aplasia, hypogammaglobulinaemia (by its term).
        window_days: the window's length in days after the first infusion; see `last_window_day`.
        observed_to_day: the last study day on which the participant was observed; before the end of the window a `no`
            becomes `unknown`. None where the caller judges completeness itself.
    Returns:
        DltProposal: `yes` where a clause is met and no exclusion applies, else `unknown` where one may be, else `no`.
    Raises:
        UsageError: clauses or exclusions that cannot be read, all findings at once.
    """
    rule, left_out = parse_clauses(clauses), parse_exclusions(exclusions)
    last_day = last_window_day(window_days)
    matches = tuple(
        match
        for clause in rule
        for toxicity in toxicities
        if (match := _match(clause, toxicity, left_out, last_day)) is not None
    )
    reasons = [f"{match.standing}: clause {match.clause}, {match.why}" for match in matches]
    standings = {match.standing for match in matches}
    if "met" in standings:
        return DltProposal(proposed="yes", reasons=tuple(reasons), matches=matches)
    if observed_to_day is not None and observed_to_day < last_day:
        reasons.append(f"unknown: the window is open to study day {last_day}, observed to day {observed_to_day}")
        standings.add("unknown")
    if "unknown" in standings:
        return DltProposal(proposed="unknown", reasons=tuple(reasons), matches=matches)
    return DltProposal(proposed="no", reasons=(*reasons, "no clause is met"), matches=matches)


def _match(clause: Clause, toxicity: Toxicity, exclusions: Sequence[Exclusion], last_day: int) -> ClauseMatch | None:
    """The toxicity under the clause, or None where it certainly does not meet it."""
    if toxicity.kind != clause.kind and not (clause.kind == "death" and toxicity.grade == 5):
        return None
    tests = (
        _grade_test(clause, toxicity),
        _onset_test(toxicity, last_day),
        _duration_test(clause, toxicity),
        _relation_test(clause, toxicity),
    )
    if any(answer == "no" for answer, _ in tests):
        return None
    unknown = [text for answer, text in tests if answer == "unknown"]
    said = ", ".join(text for _, text in tests if text)
    applied = [(exclusion, _applies(exclusion, toxicity)) for exclusion in exclusions]
    out = tuple(exclusion.id for exclusion, answer in applied if answer == "yes")
    unsure = [f"not known whether {exclusion.kind}" for exclusion, answer in applied if answer == "unknown"]
    described = f"{toxicity.term or toxicity.kind}{f' ({toxicity.source})' if toxicity.source else ''}: {said}"
    if out:
        why = f"{described}; excluded by {', '.join(out)}, for adjudication"
        return ClauseMatch(clause=clause.id, toxicity=toxicity, standing="excluded", why=why, exclusions=out)
    standing: Standing = "unknown" if unknown or unsure else "met"
    why = "; ".join([described, *unsure])
    return ClauseMatch(clause=clause.id, toxicity=toxicity, standing=standing, why=why)


def _grade_test(clause: Clause, toxicity: Toxicity) -> tuple[YesNoUnknown, str]:
    if toxicity.grade is None:
        return "unknown", "grade not known"
    return ("yes" if toxicity.grade >= clause.grade_at_least else "no"), f"grade {toxicity.grade}"


def _onset_test(toxicity: Toxicity, last_day: int) -> tuple[YesNoUnknown, str]:
    day = toxicity.onset_day
    if day is None:
        return "unknown", "day of onset not known"
    return ("yes" if 1 <= day <= last_day else "no"), f"onset on study day {day}"


def _duration_test(clause: Clause, toxicity: Toxicity) -> tuple[YesNoUnknown, str]:
    if clause.lasting_over_hours is None:
        return "yes", ""
    limit = clause.lasting_over_hours
    if toxicity.lasted_at_least_hours > limit:
        return "yes", f"lasted at least {toxicity.lasted_at_least_hours:g} h (over {limit:g} h)"
    if toxicity.duration_hours is None:
        return "unknown", f"duration not known or going on (the clause asks for over {limit:g} h)"
    return (
        "yes" if toxicity.duration_hours > limit else "no"
    ), f"lasted {toxicity.duration_hours:g} h (over {limit:g} h)"


def _relation_test(clause: Clause, toxicity: Toxicity) -> tuple[YesNoUnknown, str]:
    if not clause.needs_related:
        return "yes", ""
    texts = {"yes": "related to the product", "no": "not related", "unknown": "relation to the product not known"}
    return toxicity.related, texts[toxicity.related]


def _applies(exclusion: Exclusion, toxicity: Toxicity) -> YesNoUnknown:
    match exclusion.kind:
        case "licats":
            return toxicity.is_licats
        case "disease":
            return toxicity.is_disease
        case "lymphodepletion_cytopenia":
            return toxicity.is_lymphodepletion_cytopenia
        case "isolated_lab":
            return toxicity.is_isolated_lab
        case _:
            return "yes" if " ".join(toxicity.term.casefold().split()) in excluded_terms(exclusion.kind) else "no"
