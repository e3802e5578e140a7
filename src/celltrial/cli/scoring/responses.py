"""The sheets of remission, low disease activity and responder indices: one row is one visit, with its baseline."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from celltrial.answers import Conclusion
from celltrial.cli.scoring.sheet import Sheet, read_cells, read_wholes
from celltrial.errors import CelltrialError, Finding, InputError
from celltrial.missing import NotEvaluable

if TYPE_CHECKING:
    from celltrial.instruments.bicla import BiclaRules
    from celltrial.instruments.doris import DorisRules
    from celltrial.instruments.lldas import LldasRules
    from celltrial.instruments.sri import ResponderConclusion, ResponderVisit, SledaiIndex, SriRules

__all__ = ["sheets"]

_ADDED = ("met", "conditions", "flags", "reason")
_ADDED_TO_RESPONDERS = ("met", "evaluable", "conditions", "flags", "reason")
_DRUGS = ("on_antimalarial", "on_immunosuppressive", "on_biologic")
_SEROLOGY = ("high_anti_dsdna", "low_complement")
_ORGANS = ("major_organ_activity", "haemolytic_anaemia", "gastrointestinal_activity")
_INDICES = {"SLEDAI-2K": "sledai_2k", "SELENA-SLEDAI": "selena_sledai"}
_WHEN = ("_baseline", "")
_BOUND = "_lower_bound"

Row = Mapping[str, str]


def sheets() -> dict[str, Sheet]:
    """Remission, low disease activity and responder indices, by the name of the command line."""
    return {**_doris_sheets(), **_lldas_sheets(), **_responder_sheets()}


def _doris_sheets() -> dict[str, Sheet]:
    from celltrial.instruments import doris

    named = {
        "doris": doris.DORIS_2021,
        "doris-2017-clinical": doris.DORIS_2017_CLINICAL,
        "doris-2017-complete": doris.DORIS_2017_COMPLETE,
        "doris-2017-clinical-off": doris.DORIS_2017_CLINICAL_OFF,
        "doris-2017-complete-off": doris.DORIS_2017_COMPLETE_OFF,
        "doris-drug-free": doris.DORIS_DRUG_FREE,
    }
    return {name: _doris_sheet(rules) for name, rules in named.items()}


def _doris_sheet(rules: "DorisRules") -> Sheet:
    numbers = ("clinical_sledai", "pga", "prednisone_mg_per_day")
    drugs = _DRUGS if rules.treatment == "off" and not rules.is_antimalarial_allowed else _DRUGS[1:]
    words: tuple[str, ...] = ("is_treatment_stable",) if rules.treatment == "on" else drugs
    if rules.needs_quiet_serology:
        words += _SEROLOGY
    spare = _DRUGS if rules.treatment == "on" else ()
    return Sheet(
        label=f"{rules.name} (PGA 0 to 3; words yes, no or unknown)",
        columns=(*numbers, *words),
        optional=("clinical_sledai_lower_bound", *spare),
        added=_ADDED,
        score=partial(_assess_doris_row, rules, (*words, *spare)),
    )


def _assess_doris_row(rules: "DorisRules", words: Sequence[str], row: Row) -> Sequence[object]:
    from celltrial.instruments.doris import RemissionVisit, assess_doris

    cells = _collect(
        lambda: _totals(row, ("clinical_sledai",)),
        lambda: read_cells(row, ("pga", "prednisone_mg_per_day")),
        lambda: _words(row, words),
    )
    return _tell(assess_doris(RemissionVisit(**cells), rules))


def _lldas_sheets() -> dict[str, Sheet]:
    from celltrial.instruments import lldas

    named = {"lldas": lldas.LLDAS_2016, "lldas-5": lldas.LLDAS_5, "lldas-drug-free": lldas.LLDAS_DRUG_FREE}
    return {name: _lldas_sheet(rules) for name, rules in named.items()}


def _lldas_sheet(rules: "LldasRules") -> Sheet:
    treatment = ("standard_doses",) if rules.treatment == "on" else _DRUGS
    words = (*_ORGANS, *treatment, "on_investigational_drug")
    return Sheet(
        label=f"{rules.name} (new_activity yes, no, unknown or no comparator; else yes, no or unknown)",
        columns=("sledai_2k", "pga", "prednisone_mg_per_day", "new_activity", *words),
        optional=("sledai_2k_lower_bound",),
        added=_ADDED,
        score=partial(_assess_lldas_row, rules, words),
    )


def _assess_lldas_row(rules: "LldasRules", words: Sequence[str], row: Row) -> Sequence[object]:
    from celltrial.instruments.lldas import LldasVisit, assess_lldas

    cells = _collect(
        lambda: _totals(row, ("sledai_2k",)),
        lambda: read_cells(row, ("pga", "prednisone_mg_per_day")),
        lambda: _words(row, words),
        lambda: _words(row, ("new_activity",), ("yes", "no", "unknown", "no comparator")),
    )
    return _tell(assess_lldas(LldasVisit(**cells), rules))


def _responder_sheets() -> dict[str, Sheet]:
    from celltrial.instruments.bicla import BICLA_EMBLEM, BICLA_TULIP
    from celltrial.instruments.sri import SriRules

    found = {
        f"sri-{points}": _responder_sheet(
            f"SRI-{points}: SLE responder index, a fall of {points} points",
            partial(_assess_sri_row, SriRules(points=points)),
        )
        for points in range(4, 9)
    }
    for name, rules in (("bicla", BICLA_TULIP), ("bicla-emblem", BICLA_EMBLEM)):
        found[name] = _responder_sheet(rules.name, partial(_assess_bicla_row, rules))
    return found


def _responder_sheet(label: str, score: Callable[[Row], Sequence[object]]) -> Sheet:
    from celltrial.instruments import bilag_systems

    bilag = [f"bilag_{system}{when}" for when in _WHEN for system in bilag_systems()]
    selena = ("selena_sledai_baseline", "selena_sledai")
    return Sheet(
        label=f"{label} (BILAG-2004 grades A to E; selena_sledai in place of sledai_2k; words yes, no or unknown)",
        columns=(
            *("sledai_2k_baseline", "sledai_2k", "pga_baseline", "pga"),
            *bilag,
            *("broke_medication_rules", "discontinued_early"),
        ),
        optional=(
            *selena,
            *("sledai_2k_baseline_lower_bound", "sledai_2k_lower_bound"),
            *(f"{name}_lower_bound" for name in selena),
            *("window_days_baseline", "window_days"),
        ),
        added=_ADDED_TO_RESPONDERS,
        score=score,
    )


def _assess_sri_row(rules: "SriRules", row: Row) -> Sequence[object]:
    from celltrial.instruments.sri import assess_sri

    baseline, visit, kept = _responder_visits(row)
    result = assess_sri(baseline, visit, rules=rules, **kept)
    return _tell_responder(result)


def _assess_bicla_row(rules: "BiclaRules", row: Row) -> Sequence[object]:
    from celltrial.instruments.bicla import assess_bicla

    baseline, visit, kept = _responder_visits(row)
    result = assess_bicla(baseline, visit, rules=rules, **kept)
    return _tell_responder(result)


def _responder_visits(row: Row) -> tuple["ResponderVisit", "ResponderVisit", dict[str, Any]]:
    """The two assessments of a row, and whether the trial's rules were kept."""
    from celltrial.instruments import bilag_systems
    from celltrial.instruments.sri import ResponderVisit

    index = _index(row)
    totals = [f"{_INDICES[index]}{when}" for when in _WHEN]
    cells = _collect(
        lambda: _totals(row, totals),
        lambda: read_cells(row, [f"pga{when}" for when in _WHEN]),
        lambda: read_wholes(row, [f"window_days{when}" for when in _WHEN]),
    )
    kept = _words(row, ("broke_medication_rules", "discontinued_early"))
    baseline, visit = (
        ResponderVisit(
            sledai=cells[total],
            bilag={system: row.get(f"bilag_{system}{when}", "") for system in bilag_systems()},
            pga=cells[f"pga{when}"],
            index=index,
            window_days=cells[f"window_days{when}"],
        )
        for total, when in zip(totals, _WHEN, strict=True)
    )
    return baseline, visit, kept


def _index(row: Row) -> "SledaiIndex":
    """Which form of SLEDAI the row has; both at once would leave open which difference counts."""
    filled = {
        index: [f"{name}{when}{end}" for when in _WHEN for end in ("", _BOUND) if row.get(f"{name}{when}{end}")]
        for index, name in _INDICES.items()
    }
    if all(filled.values()):
        raise InputError(
            Finding(
                message="a row has two forms of SLEDAI",
                found=", ".join(column for columns in filled.values() for column in columns),
                expected="sledai_2k or selena_sledai, the same form at baseline and visit",
                next_step="leave one form blank",
            )
        )
    return "SELENA-SLEDAI" if filled["SELENA-SLEDAI"] else "SLEDAI-2K"


def _totals(row: Row, names: Sequence[str]) -> dict[str, int | NotEvaluable | None]:
    """The totals of the columns; where one is blank, what its `_lower_bound` column says is certain."""
    read = read_wholes(row, [*names, *(f"{name}{_BOUND}" for name in names)])
    found: dict[str, int | NotEvaluable | None] = {}
    for name in names:
        total, bound = read[name], read[f"{name}{_BOUND}"]
        is_bounded = total is None and bound is not None
        found[name] = NotEvaluable("items are not known", lower_bound=bound) if is_bounded else total
    return found


def _words(row: Row, names: Iterable[str], allowed: Sequence[str] = ("yes", "no", "unknown")) -> dict[str, Any]:
    """The named cells as words; blank or without a column is unknown."""
    read = {name: row.get(name, "") or "unknown" for name in names}
    findings = [
        Finding(
            message=f"{name} has a word that cannot be read",
            where=name,
            found=repr(word),
            expected=", ".join(allowed) + " or blank",
            next_step="correct the cell",
        )
        for name, word in read.items()
        if word not in allowed
    ]
    if findings:
        raise InputError(findings)
    return read


def _collect(*readings: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What the readings of a row give, by column; raises InputError with the findings of all of them."""
    read: dict[str, Any] = {}
    findings: list[Finding] = []
    for reading in readings:
        try:
            read |= reading()
        except CelltrialError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return read


def _tell(conclusion: Conclusion) -> Sequence[object]:
    return (conclusion.answer, _conditions(conclusion), " | ".join(conclusion.flags) or None, conclusion.reason)


def _tell_responder(result: "ResponderConclusion") -> Sequence[object]:
    return (
        result.answer,
        result.evaluable.answer,
        _conditions(result.conclusion),
        " | ".join(result.flags) or None,
        result.reason,
    )


def _conditions(conclusion: Conclusion) -> str:
    """`name=answer` of every condition, separated by semicolons."""
    return ";".join(f"{each.name}={each.answer}" for each in conclusion.conditions)
