"""Located nodes that have passed their specification made into the frozen study: types only, no more checking."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from celltrial.codes import DoseLevelId, FormId, ItemId, VisitId
from celltrial.study.model import (
    Assumption,
    DltRule,
    DoseLevel,
    Endpoint,
    EscalationSettings,
    Form,
    Item,
    Measure,
    PlannedAgent,
    Product,
    Question,
    Role,
    ScheduledVisit,
    Sentence,
    Site,
    StoppingRule,
    Study,
)
from celltrial.study.nodes import Listing, Node, Scalar, Table, find, scalar, to_plain
from celltrial.study.review_settings import build_review
from celltrial.study.settings_files import build_access, build_release, build_response, build_toxicity
from celltrial.studyday import site_zone

__all__ = ["build_study"]


def build_study(
    files: Mapping[str, Node], *, folder: Path, digest: str, sentences: tuple[Sentence, ...], eligibility: object
) -> Study:
    """The study of these files. They must have passed their check: this reads without looking."""
    study, raw = files["study.yaml"], files["eligibility.yaml"]
    site = _at(study, "site")
    return Study(
        id=_text(_at(study, "study"), "id"),
        registry_id=_text(_at(study, "study"), "registry_id"),
        title=_text(_at(study, "study"), "title"),
        version=_text(_at(study, "study"), "version"),
        folder=folder,
        hash=digest,
        site=Site(id=_text(site, "id"), name=_text(site, "name"), zone=site_zone(_text(site, "zone"))),
        product=_product(_at(study, "product")),
        levels=tuple(_dose_level(key, node) for key, node in _entries(_at(study, "dose_levels"))),
        escalation=_escalation(_at(study, "design")),
        dlt=_dlt(_at(study, "dlt")),
        stopping=tuple(_stopping_rule(key, node) for key, node in _entries(_at(study, "stopping_rules"))),
        visits=tuple(_visit(key, node) for key, node in _entries(_at(study, "visits"))),
        forms=tuple(_form(key, node) for key, node in _entries(files["forms.yaml"])),
        endpoints=tuple(_endpoint(key, node) for key, node in _entries(_at(study, "endpoints"))),
        roles=tuple(_role(key, node) for key, node in _entries(_at(study, "roles"))),
        assumptions=tuple(_assumption(key, node) for key, node in _entries(files["assumptions.yaml"])),
        questions=tuple(_question(key, node) for key, node in _entries(files["questions.yaml"])),
        sentences=sentences,
        criteria=cast("Mapping[str, object]", to_plain(raw)),
        eligibility=eligibility,
        kinetics=_kinetics(_at(study, "kinetics")),
        registry=cast("Mapping[str, object]", to_plain(_at(study, "registry"))),
        measures=tuple(_measure(key, node) for key, node in _entries(_at(study, "measures"))),
        daily=_daily(_at(study, "schedule", "daily")),
        lymphodepletion=tuple(_agent(key, node) for key, node in _entries(_at(study, "lymphodepletion"))),
        toxicity=build_toxicity(find(study, "toxicity")),
        response=build_response(find(study, "response")),
        access=build_access(find(study, "access")),
        release=build_release(find(study, "product_release")),
        review=build_review(find(study, "review")),
        database=scalar(find(study, "database")),
    )


def _product(node: Node) -> Product:
    return Product(
        id=_text(node, "id"),
        name=_text(node, "name"),
        kind=_text(node, "kind"),
        targets=_texts(node, "targets"),
        dose_unit=_text(node, "dose_unit"),
    )


def _dose_level(key: str, node: Node) -> DoseLevel:
    return DoseLevel(
        id=DoseLevelId(key), cells=Decimal(_text(node, "cells")), kind=_literal(node, "kind"), source=node.source
    )


def _escalation(node: Node) -> EscalationSettings:
    name = _text(node, "name")
    return EscalationSettings(
        design=name,
        target=float(_text(node, "target")),
        parameters=_numbers(_at(node, "designs", name)),
        rules=tuple((key, _numbers(numbers)) for key, numbers in _entries(_at(node, "rules"))),
        start_level=DoseLevelId(_text(node, "start_level")),
        cohort_size=int(_text(node, "cohort_size")),
        max_participants=int(_text(node, "max_n")),
        sentinel_days=int(_text(node, "sentinel_days")),
        concurrent_levels=_flag(node, "concurrent_levels"),
        source=node.source,
    )


def _dlt(node: Node) -> DltRule:
    return DltRule(
        window_days=int(_text(node, "window_days")),
        window_from=_literal(node, "window_from"),
        clauses=_rules(_at(node, "clauses")),
        exclusions=_rules(_at(node, "exclusions")),
        evaluable_if=_text(node, "evaluable_if"),
        source=node.source,
    )


def _rules(node: Node) -> tuple[Mapping[str, object], ...]:
    """The clauses as the mappings that `safety.dlt` reads."""
    return tuple({"id": key, **cast("Mapping[str, object]", to_plain(rule))} for key, rule in _entries(node))


def _stopping_rule(key: str, node: Node) -> StoppingRule:
    return StoppingRule(
        id=key,
        text=_text(node, "text"),
        kind=_text(node, "kind"),
        parameters=_numbers(_at(node, "parameters")),
        source=node.source,
    )


def _measure(key: str, node: Node) -> Measure:
    return Measure(
        id=key,
        label=_text(node, "label"),
        form=_text(node, "form"),
        event=_text(node, "event"),
        analytes=_texts(node, "analytes"),
        source=node.source,
    )


def _visit(key: str, node: Node) -> ScheduledVisit:
    return ScheduledVisit(
        id=VisitId(key),
        label=_text(node, "label"),
        anchor=_literal(node, "anchor"),
        day=int(_text(node, "day")),
        before=int(_text(_at(node, "window"), "before")),
        after=int(_text(_at(node, "window"), "after")),
        forms=tuple(FormId(each) for each in _texts(node, "forms")),
        measures=_texts(node, "measures"),
        source=node.source,
    )


def _daily(node: Node) -> tuple[int, int, tuple[str, ...]]:
    return int(_text(node, "from")), int(_text(node, "to")), _texts(node, "measures")


def _agent(key: str, node: Node) -> PlannedAgent:
    return PlannedAgent(
        drug=key,
        dose=Decimal(_text(node, "dose")),
        unit=_text(node, "unit"),
        days=tuple(int(each) for each in _texts(node, "days")),
        source=node.source,
    )


def _form(key: str, node: Node) -> Form:
    return Form(
        id=FormId(key),
        label=_text(node, "label"),
        domain=_text(node, "domain"),
        yields=_text(node, "yields"),
        repeating=_flag(node, "repeating"),
        any_time=_flag(node, "any_time"),
        items=tuple(_item(item, child) for item, child in _entries(_at(node, "items"))),
        source=node.source,
    )


def _item(key: str, node: Node) -> Item:
    low, high = _text(node, "at_least"), _text(node, "at_most")
    return Item(
        id=ItemId(key),
        label=_text(node, "label"),
        kind=_literal(node, "kind"),
        required=_flag(node, "required"),
        choices=_texts(node, "choices"),
        at_least=Decimal(low) if low else None,
        at_most=Decimal(high) if high else None,
        source=node.source,
    )


def _endpoint(key: str, node: Node) -> Endpoint:
    return Endpoint(
        id=key,
        label=_text(node, "label"),
        kind=_literal(node, "kind"),
        analysis=_text(node, "analysis"),
        source=node.source,
    )


def _role(key: str, node: Node) -> Role:
    return Role(
        id=key,
        label=_text(node, "label"),
        writes=_texts(node, "writes"),
        signs=_texts(node, "signs"),
        source=node.source,
    )


def _assumption(key: str, node: Node) -> Assumption:
    return Assumption(
        id=key,
        about=_text(node, "about"),
        value=_text(node, "value"),
        why=_text(node, "why"),
        confirm=_text(node, "confirm"),
        evidence=_text(node, "evidence"),
        source=node.source,
    )


def _question(key: str, node: Node) -> Question:
    return Question(
        id=key,
        phrase=_text(node, "phrase"),
        reading=_text(node, "reading"),
        evidence=_text(node, "evidence"),
        confidence=_text(node, "confidence"),
        asks=_text(node, "asks"),
        blocks=_texts(node, "blocks"),
        answer=_text(node, "answer"),
        answered_by=_text(node, "answered_by"),
        source=node.source,
    )


def _kinetics(node: Node) -> Mapping[str, object]:
    """Settings of the kinetics: numbers as Decimal, partial areas as pairs of days."""
    areas = tuple(tuple(int(day) for day in each.split("-")) for each in _texts(node, "partial_areas"))
    return {
        **{key: _text(node, key) for key in ("analyte", "specimen", "unit", "method", "auc_method")},
        "lloq": Decimal(_text(node, "lloq")),
        "partial_areas": areas,
        "blq": to_plain(_at(node, "blq")),
        "lambda_z": {key: float(_text(_at(node, "lambda_z"), key)) for key, _ in _entries(_at(node, "lambda_z"))},
        "plausible_below": Decimal(_text(node, "plausible_below")),
    }


def _at(node: Node, *path: str) -> Node:
    for key in path:
        node = cast("Table", node).entries[key]
    return node


def _entries(node: Node) -> Iterator[tuple[str, Node]]:
    """The entries of a table by id; `assumption` beside them is no entry."""
    return ((key, child) for key, child in cast("Table", node).entries.items() if key != "assumption")


def _text(node: Node, key: str) -> str:
    child = cast("Table", node).entries.get(key)
    return child.text.strip() if isinstance(child, Scalar) else ""


def _texts(node: Node, key: str) -> tuple[str, ...]:
    child = cast("Table", node).entries.get(key)
    return tuple(cast("Scalar", item).text for item in child.items) if isinstance(child, Listing) else ()


def _flag(node: Node, key: str) -> bool:
    return _text(node, key) == "true"


def _numbers(node: Node) -> Mapping[str, float]:
    return {key: float(cast("Scalar", child).text) for key, child in _entries(node)}


def _literal(node: Node, key: str) -> Any:
    """A text of a closed list: the specification has held it against that list."""
    return _text(node, key)
