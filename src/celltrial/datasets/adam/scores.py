"""The scores of one visit as the instruments want them: typed, and with a reason where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from celltrial.datasets.adam.visits import DiseaseVisit
from celltrial.errors import CelltrialError
from celltrial.instruments import (
    SledaiScore,
    bilag_systems,
    score_bilag_2004,
    score_clinical_sledai_2k,
    score_pga,
    score_sledai_2k,
    score_slicc_damage,
    sledai_2k_items,
    slicc_damage_items,
)
from celltrial.missing import NotEvaluable
from celltrial.units import parse_number

__all__ = [
    "NOT_ASSESSED",
    "Sledai",
    "read_bilag",
    "read_pga",
    "read_sledai",
    "score_bilag",
    "score_damage",
    "sledai_attributions",
    "sledai_items",
]

# the word of the form for a BILAG system that nobody assessed
NOT_ASSESSED = "ND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sledai:
    """The whole SLEDAI-2K of a visit and its clinical part, each possibly not evaluable."""

    score: SledaiScore | NotEvaluable
    clinical: int | NotEvaluable

    @property
    def total(self) -> int | NotEvaluable:
        """The points."""
        return self.score.total if isinstance(self.score, SledaiScore) else self.score


def read_sledai(visit: DiseaseVisit, *, window_days: int) -> Sledai:
    """The score over the study's window; one that looks back over other days is not mixed in."""
    if "sledai_2k" not in visit.forms:
        reason = NotEvaluable(visit.missing["sledai_2k"])
        return Sledai(score=reason, clinical=reason)
    window = visit.items("sledai_2k").get("window_days", "").strip()
    if window != str(window_days):
        told = f"looks back {window} days" if window else "does not say how many days it looks back"
        reason = NotEvaluable(f"SLEDAI-2K {told}; the study judges {window_days} days")
        return Sledai(score=reason, clinical=reason)
    items, causes = sledai_items(visit), sledai_attributions(visit)
    try:
        return Sledai(
            score=score_sledai_2k(items, causes, window_days=window_days),
            clinical=score_clinical_sledai_2k(items, causes),
        )
    except CelltrialError as error:
        reason = NotEvaluable(_problems(error))
        return Sledai(score=reason, clinical=reason)


def sledai_items(visit: DiseaseVisit) -> Mapping[str, str]:
    """The answers of the SLEDAI-2K form."""
    return {item.item: visit.items("sledai_2k").get(item.item, "") for item in sledai_2k_items()}


def sledai_attributions(visit: DiseaseVisit) -> Mapping[str, str]:
    """What each item of the SLEDAI-2K form was put down to."""
    return {item.item: visit.items("sledai_2k").get(f"{item.item}_attribution", "") for item in sledai_2k_items()}


def read_pga(visit: DiseaseVisit) -> Decimal | NotEvaluable:
    """The global assessment on 0 to 3."""
    if "pga" not in visit.forms:
        return NotEvaluable(visit.missing["pga"])
    text = visit.items("pga").get("value", "")
    if not text.strip():
        return NotEvaluable("no PGA was recorded")
    try:
        score = score_pga(parse_number(text))
    except CelltrialError as error:
        return NotEvaluable(_problems(error))
    return score if isinstance(score, NotEvaluable) else score.value


def read_bilag(visit: DiseaseVisit) -> Mapping[str, str]:
    """The grade of each system; blank where it was not assessed, or where the entry is no grade."""
    items = visit.items("bilag_2004")
    return {
        system: grade if (grade := items.get(system, "").strip()) in ("A", "B", "C", "D", "E") else ""
        for system in bilag_systems()
    }


def score_bilag(visit: DiseaseVisit) -> int | NotEvaluable:
    """The numerical BILAG-2004."""
    if "bilag_2004" not in visit.forms:
        return NotEvaluable(visit.missing["bilag_2004"])
    score = score_bilag_2004(read_bilag(visit))
    return score if isinstance(score, NotEvaluable) else score.total


def score_damage(visit: DiseaseVisit) -> int | NotEvaluable:
    """The damage index."""
    if "slicc_damage" not in visit.forms:
        return NotEvaluable(visit.missing["slicc_damage"])
    items = visit.items("slicc_damage")
    texts = {item.item: items.get(item.item, "").strip() for item in slicc_damage_items()}
    try:
        score = score_slicc_damage({name: int(text) if text.isdigit() else None for name, text in texts.items()})
    except CelltrialError as error:
        return NotEvaluable(_problems(error))
    return score if isinstance(score, NotEvaluable) else score.total


def _problems(error: CelltrialError) -> str:
    return "; ".join(f"{each.message}: {each.found}" for each in error.findings)
