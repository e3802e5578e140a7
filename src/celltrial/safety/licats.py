"""LICATS, the local immune effector cell-associated toxicity syndrome of autoimmune disease, as a flag.

A reaction after CAR-T in an organ that the disease had affected before, during B-cell aplasia, that nothing else
explains and that settles by itself. It is new (2025) and has no agreed criteria: `flag_licats` lists what speaks for it
and what does not, and a person decides whether it is LICATS, a flare of lupus, or something else. It never calls or
removes a DLT.

Source: Hagen M et al., Lancet Rheumatol 2025;7:e424-33 (39 participants, 20 with lupus: 54 events in 30; onset median
day 10, a fifth after one month; only during B-cell aplasia, only in organs affected before; all resolved).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import Literal

from celltrial.answers import Condition, YesNoUnknown, all_of, any_of, negate
from celltrial.errors import Finding, UsageError
from celltrial.missing import NotEvaluable, NotGradable
from celltrial.safety.b_cell_aplasia import BCellState
from celltrial.safety.grades import Grade, agree_on_grade, require_words
from celltrial.safety.terms import ae_kind, ae_terms
from celltrial.safety.terms.dictionary import fold_name
from celltrial.tables import read_package_table

__all__ = [
    "EXPLANATIONS",
    "LicatsFlag",
    "Organ",
    "flag_licats",
    "grade_licats",
    "licats_onset",
    "organs_of_event",
]

Organ = Literal[
    "skin",
    "joints",
    "muscle",
    "kidney",
    "lung",
    "serosa",
    "heart",
    "vessels",
    "nervous system",
    "gut",
    "liver",
    "blood",
    "eye",
]

# what else may explain the event; each is asked about
EXPLANATIONS = ("crs", "icans", "infection", "flare", "other")

_NONE = "none"
# kinds of the dictionary that are another diagnosis by themselves
_OWN_DIAGNOSIS = ("crs", "icans", "iec_hs", "gvhd", "icaht", "infection", "infusion_reaction", "malignancy")


@dataclass(frozen=True, slots=True, kw_only=True)
class LicatsFlag:
    """Whether an event has the features of LICATS, with each of them; a person decides.

    answer: yes where every condition holds, no as soon as one does not, else unknown. organs: those of the event.
    """

    answer: YesNoUnknown
    organs: tuple[str, ...]
    conditions: tuple[Condition, ...]

    @property
    def reason(self) -> str:
        """The conditions that decide."""
        return "; ".join(f"{each.name}: {each.reason}" for each in self.conditions if each.answer == self.answer)


def flag_licats(
    *,
    term: str,
    onset: date | None,
    infusion: date,
    prior_organs: Mapping[str, YesNoUnknown],
    b_cells_at_onset: BCellState,
    explained_by: Mapping[str, YesNoUnknown],
    soc: str = "",
    first_day: int = 0,
    last_day: int | None = None,
) -> LicatsFlag:
    """Whether an adverse event has the features of LICATS.

    term, soc: of the event; the organs follow from `licats.csv`. prior_organs: organ -> whether lupus had affected it
    before infusion; an organ left out is not known. b_cells_at_onset: from `b_cell_state` at the onset; recovering is
    not known to be over. explained_by: each of EXPLANATIONS; one left out is not known.
    first_day, last_day: days after infusion (day 0) in which the onset must lie; without a last day (the default)
    B-cell aplasia alone ends the time, as published: a fifth of the events began after one month.

    Raises UsageError for organs, explanations or words that the flag does not know.
    """
    _require(prior_organs, explained_by)
    organs = organs_of_event(term, soc)
    kind = ae_kind(term)
    own = Condition(
        name="not another toxicity by its term",
        answer="no" if kind in _OWN_DIAGNOSIS else "yes",
        reason=f"{term}: {kind or 'not in the dictionary'}",
    )
    conditions = (
        own,
        _prior_organ(organs, prior_organs),
        _in_aplasia(b_cells_at_onset),
        _in_window(onset, infusion, first_day, last_day),
        *(_not_explained(name, explained_by.get(name, "unknown")) for name in EXPLANATIONS),
    )
    named = () if isinstance(organs, NotEvaluable) else organs
    return LicatsFlag(answer=all_of(each.answer for each in conditions), organs=named, conditions=conditions)


def organs_of_event(term: str, soc: str = "") -> tuple[str, ...] | NotEvaluable:
    """The organs an adverse event speaks of, by its term, else its class; empty where it speaks of none.

    soc: used where the dictionary does not have the term. NotEvaluable where the table names neither.

    >>> organs_of_event("joint pain"), organs_of_event("Fever")
    (('joints',), ())
    """
    entry = _entries().get(fold_name(term))
    name, place = entry or (term, soc)
    table = _organs()
    found = table.get(("term", fold_name(name))) or table.get(("soc", fold_name(place)))
    if found is None:
        return NotEvaluable(f"no organ is known for {term!r}" + (f" in {place!r}" if place else ""))
    return tuple(organ for organ in found if organ != _NONE)


def grade_licats(
    *, glucocorticoids: YesNoUnknown, hospitalised: YesNoUnknown, intensive_care: YesNoUnknown
) -> Grade | NotGradable:
    """The published severity of an event that has been judged to be LICATS, 1 to 4.

    glucocorticoids: given because symptoms lasted over a week or an inner organ was relevantly involved (2).
    hospitalised: admitted, or kept longer, because of it (3). intensive_care: treated there (4). Else it settled by
    itself (1). What is not known is tried each way. The scale has no grade 5.

    Source: Hagen M et al., Lancet Rheumatol 2025;7:e424-33, methods.

    >>> grade_licats(glucocorticoids="yes", hospitalised="no", intensive_care="no").value
    2
    """
    given = {"glucocorticoids": glucocorticoids, "hospitalised": hospitalised, "intensive_care": intensive_care}
    require_words("LICATS", [(name, word, ("yes", "no", "unknown")) for name, word in given.items()])
    unknown = [name for name, word in given.items() if word == "unknown"]
    grades = []
    for values in product(("no", "yes"), repeat=len(unknown)):
        words = given | dict(zip(unknown, values, strict=True))
        steps = ((4, "intensive_care"), (3, "hospitalised"), (2, "glucocorticoids"))
        grade, why = next(((step, name) for step, name in steps if words[name] == "yes"), (1, "settles by itself"))
        grades.append(Grade(grade, (why.replace("_", " "),)))
    return agree_on_grade(grades, unknown)


def licats_onset(days_since_infusion: int) -> Literal["early", "intermediate", "late"] | NotEvaluable:
    """The published class of onset: up to 2 weeks, up to 1 month, later. Days since infusion; 1 month = 30 days (ours).

    >>> licats_onset(14), licats_onset(15), licats_onset(30), licats_onset(31)
    ('early', 'intermediate', 'intermediate', 'late')
    """
    if days_since_infusion < 0:
        return NotEvaluable(f"day {days_since_infusion} is before infusion")
    return "early" if days_since_infusion <= 14 else "intermediate" if days_since_infusion <= 30 else "late"


def _prior_organ(organs: tuple[str, ...] | NotEvaluable, prior: Mapping[str, YesNoUnknown]) -> Condition:
    name = "organ affected by lupus before"
    if isinstance(organs, NotEvaluable):
        return Condition(name=name, answer="unknown", reason=organs.reason)
    if not organs:
        return Condition(name=name, answer="no", reason="the event speaks of no organ")
    told = {organ: prior.get(organ, "unknown") for organ in organs}
    return Condition(
        name=name, answer=any_of(told.values()), reason="; ".join(f"{organ}: {word}" for organ, word in told.items())
    )


def _in_aplasia(state: BCellState) -> Condition:
    answer: YesNoUnknown = (
        "yes" if state.state == "aplasia" else "unknown" if state.state in ("unknown", "recovering") else "no"
    )
    return Condition(name="during B-cell aplasia", answer=answer, reason=f"{state.state} ({state.reason})")


def _in_window(onset: date | None, infusion: date, first_day: int, last_day: int | None) -> Condition:
    name = "onset in the window after infusion"
    span = f"needs day {first_day} to {'the end of aplasia' if last_day is None else last_day}"
    if onset is None:
        return Condition(name=name, answer="unknown", reason=f"onset not known; {span}")
    day = (onset - infusion).days
    holds = first_day <= day and (last_day is None or day <= last_day)
    return Condition(name=name, answer="yes" if holds else "no", reason=f"day {day}, {span}")


def _not_explained(name: str, word: YesNoUnknown) -> Condition:
    return Condition(name=f"not explained by {name}", answer=negate(word), reason=f"{name} explains it: {word}")


def _require(prior: Mapping[str, YesNoUnknown], explained_by: Mapping[str, YesNoUnknown]) -> None:
    """Raise UsageError with every key or word that the flag does not know."""
    organs = sorted({organ for found in _organs().values() for organ in found} - {_NONE})
    findings = [
        Finding(message=f"LICATS: {what} that is not known", where=key, found=repr(key), expected=", ".join(known))
        for what, keys, known in (("an organ", prior, organs), ("an explanation", explained_by, list(EXPLANATIONS)))
        for key in keys
        if key not in known
    ]
    if findings:
        raise UsageError(findings)
    words = [(key, word, ("yes", "no", "unknown")) for key, word in (*prior.items(), *explained_by.items())]
    require_words("LICATS", words)


@cache
def _organs() -> Mapping[tuple[str, str], tuple[str, ...]]:
    rows = read_package_table("celltrial.safety", "licats.csv")
    return {(row["kind"], fold_name(row["name"])): tuple(row["organs"].split(";")) for row in rows}


@cache
def _entries() -> Mapping[str, tuple[str, str]]:
    """Every name of the dictionary -> its term and class; a term goes before a synonym."""
    synonyms = {fold_name(name): (each.term, each.soc) for each in ae_terms() for name in each.names}
    return synonyms | {fold_name(each.term): (each.term, each.soc) for each in ae_terms()}
