"""The study files by name and what each may say: the specification that `check_node` holds them against."""

from collections.abc import Mapping
from functools import cache

from celltrial.codes import CriterionId, DoseLevelId, FormId, ItemId, VisitId
from celltrial.study.review_settings import review_keys
from celltrial.study.schema import (
    Keys,
    Leaf,
    OneOrMore,
    Spec,
    choice,
    code,
    day,
    flag,
    keys,
    listing,
    may_be_blank,
    number,
    one_or_more,
    pattern,
    quantity_unit,
    span,
    table,
    text,
    whole,
    zone,
)
from celltrial.study.settings_files import access_keys, release_keys, response_keys, toxicity_keys
from celltrial.study.vocabulary import (
    ANALYSES,
    ANCHORS,
    DOMAINS,
    EVENT_TYPES,
    EXCLUSION_KINDS,
    ITEM_KINDS,
    LYMPHODEPLETING_DRUGS,
    PRODUCT_KINDS,
    STOPPING_KINDS,
    TOXICITY_KINDS,
    YIELDS,
)
from celltrial.units import analytes

__all__ = ["ELIGIBILITY", "RECORD_TEXT", "STUDY_FILES", "assumption_id", "specifications"]

RECORD_TEXT = "registry-record.txt"
ELIGIBILITY = "eligibility.yaml"
STUDY_FILES = (
    "study.yaml",
    ELIGIBILITY,
    "forms.yaml",
    "assumptions.yaml",
    "questions.yaml",
    "trace.yaml",
    RECORD_TEXT,
)

# a user, at most, before the hosts: a password in the study files would be in every copy of them
_DATABASE = r"postgres(?:ql)?://(?:[^\s:@/?#]+@)?[^\s@?#]*(?:\?(?![^\s#]*password)[^\s@#]*)?"


def assumption_id() -> Leaf:
    """The id of an assumption."""
    return pattern(r"A\d\d", "the id of an assumption like A05")


@cache
def specifications() -> Mapping[str, Spec]:
    """The specification of each file that this room reads; `eligibility.yaml` is the criterion language's own."""
    return {
        "study.yaml": _study(),
        "forms.yaml": table(code(FormId, FormId.example), _form()),
        "assumptions.yaml": table(assumption_id(), _assumption()),
        "questions.yaml": table(pattern(r"Q\d\d", "the id of a question like Q05"), _question()),
        "trace.yaml": listing(_binding()),
    }


def _study() -> Keys:
    return keys(
        {
            "study": _resting(
                {
                    "id": pattern(r"[A-Z][A-Za-z0-9-]{1,19}", "an id like CT1192"),
                    "registry_id": pattern(r"NCT\d{8}|[A-Z]{2,8}[0-9-]{4,16}", "a registry number like NCT07031713"),
                    "title": text(),
                    "version": text(),
                }
            ),
            "site": _resting({"id": pattern(r"\d\d", "two digits in quotes"), "name": text(), "zone": zone()}),
            "registry": _registry(),
            "product": _product(),
            "dose_levels": table(code(DoseLevelId, DoseLevelId.example), _dose_level()),
            "design": _design(),
            "lymphodepletion": _lymphodepletion(),
            "dlt": _dlt(),
            "stopping_rules": table(pattern(r"ST\d\d", "an id like ST01"), _stopping_rule()),
            "measures": table(code(ItemId, "haematology"), _measure()),
            "visits": table(code(VisitId, VisitId.example), _visit()),
            "schedule": _resting({"daily": _daily()}),
            "endpoints": _endpoints(),
            "kinetics": _kinetics(),
            "roles": _roles(),
        },
        {
            "access": access_keys(_assumptions()),
            "product_release": release_keys(_assumptions()),
            "toxicity": toxicity_keys(_assumptions()),
            "response": response_keys(_assumptions()),
            "review": review_keys(_assumptions()),
            "database": pattern(
                _DATABASE, "an address without a password, like postgresql://app@localhost/trials", is_secret=True
            ),
        },
    )


def _resting(required: Mapping[str, Spec], optional: Mapping[str, Spec] | None = None) -> Keys:
    """A table with named keys that rests on assumptions, and names them."""
    return keys({**required, "assumption": _assumptions()}, optional)


def _assumptions() -> OneOrMore:
    return one_or_more(assumption_id())


def _words(*names: str) -> Mapping[str, Spec]:
    return {name: text() for name in names}


def _registry() -> Keys:
    return keys(
        {
            **_words("title", "status", "location", "intervention_type", "study_type", "phase", "source"),
            "summary": keys(_words("aim", "design")),
            "eligibility": keys(
                {
                    "sex": choice("All", "Female", "Male"),
                    "minimum_age": whole(0, 120),
                    "maximum_age": whole(0, 120),
                    "healthy_volunteers": choice("t", "f"),
                }
            ),
            "locations": keys(_words("country", "hospital", "status", "city")),
            "contact": keys(
                {**_words("kind", "name", "phone"), "email": pattern(r"[^@\s]+@[^@\s]+", "an e-mail address")}
            ),
            "dates": keys({"start": day(), "completion": day()}),
            "participants": keys({"target": whole(1, 10_000)}),
            "treatments": keys(_words("arm", "intervention")),
            "therapeutic_areas": _resting(_words("area")),
            "sponsors": keys(_words("lead", "collaborator")),
        }
    )


def _product() -> Keys:
    return _resting(
        {
            **_words("id", "name"),
            "kind": choice(*PRODUCT_KINDS),
            "targets": listing(text()),
            "dose_unit": choice("cells", "cells/kg"),
        }
    )


def _dose_level() -> Keys:
    return _resting({"cells": number("1", "1e12"), "kind": choice("registered", "intermediate", "de-escalation")})


def _design() -> Keys:
    settings = table(pattern(r"[a-z_0-9]+", "the name of a number"), number("0", "1000"), at_least=0)
    return _resting(
        {
            "name": text(),
            "target": number("0.01", "0.99"),
            "start_level": code(DoseLevelId, DoseLevelId.example),
            "cohort_size": whole(1, 100),
            "max_n": whole(1, 10_000),
            "sentinel_days": whole(0, 365),
            "concurrent_levels": flag(),
            "designs": table(text(), settings),
            "rules": table(text(), settings),
        }
    )


def _lymphodepletion() -> Spec:
    agent = keys({"dose": number("0.001", "100000"), "unit": text(), "days": listing(whole(-30, -1))})
    return table(choice(*LYMPHODEPLETING_DRUGS), agent, besides={"assumption": _assumptions()})


def _dlt() -> Keys:
    clause = keys(
        {"kind": choice(*TOXICITY_KINDS), "grade_at_least": whole(1, 5), "related": flag(), "text": text()},
        {"lasting_over": span()},
    )
    exclusion = keys({"kind": choice(*EXCLUSION_KINDS), "text": text()})
    return _resting(
        {
            "window_days": whole(1, 365),
            "window_from": choice("first infusion"),
            "evaluable_if": text(),
            "clauses": table(pattern(r"D\d\d", "an id like D01"), clause),
            "exclusions": table(pattern(r"X\d\d", "an id like X01"), exclusion),
        }
    )


def _stopping_rule() -> Keys:
    numbers = keys(
        {},
        {
            "rate": number("0.01", "0.99"),
            "cutoff": number("0.5", "0.999"),
            # the Beta prior of the rate
            "prior_a": number("0.001", "1000"),
            "prior_b": number("0.001", "1000"),
            "grade": whole(1, 5),
            "n": whole(1, 99),
        },
    )
    return _resting({"text": text(), "kind": choice(*STOPPING_KINDS), "parameters": numbers})


def _measure() -> Keys:
    return keys(
        {"label": text()},
        {
            "form": code(FormId, FormId.example),
            "event": choice(*EVENT_TYPES),
            "analytes": listing(choice(*analytes())),
        },
    )


def _visit() -> Keys:
    return keys(
        {
            "label": text(),
            "anchor": choice(*ANCHORS),
            "day": whole(-400, 6000),
            "window": keys({"before": whole(0, 90), "after": whole(0, 90)}),
            "forms": listing(code(FormId, FormId.example)),
            "measures": listing(code(ItemId, "haematology")),
        }
    )


def _daily() -> Keys:
    return keys({"from": whole(-30, 400), "to": whole(-30, 400), "measures": listing(code(ItemId, "haematology"))})


def _endpoints() -> Spec:
    endpoint = keys(
        {"label": text(), "kind": choice("primary", "secondary", "exploratory"), "analysis": choice(*ANALYSES)}
    )
    return table(pattern(r"[PSX]\d", "an id like P1, S1 or X1"), endpoint, besides={"assumption": _assumptions()})


def _kinetics() -> Keys:
    return _resting(
        {
            "analyte": choice(*analytes()),
            "specimen": choice("blood", "bone_marrow", "csf"),
            "unit": quantity_unit(),
            "lloq": number("0.001", "1000000"),
            "method": choice("qPCR", "ddPCR", "flow cytometry"),
            "auc_method": choice("linear-up-log-down", "linear"),
            "partial_areas": listing(pattern(r"\d+-\d+", "days like 0-28")),
            "blq": keys(
                {
                    "before_first": choice("zero", "missing"),
                    "embedded": choice("missing", "half", "zero"),
                    "after_last": choice("zero", "half", "missing"),
                }
            ),
            "lambda_z": keys(
                {"min_points": whole(3, 20), "min_adj_r2": number("0", "1"), "min_span": number("0", "10")}
            ),
            "plausible_below": number("1", "1e9"),
        }
    )


def _roles() -> Spec:
    role = keys(
        {
            "label": text(),
            "writes": listing(choice(*EVENT_TYPES)),
            "signs": listing(choice(*EVENT_TYPES), at_least=0),
        }
    )
    return table(code(ItemId, "investigator"), role, besides={"assumption": _assumptions()})


def _form() -> Keys:
    item = keys(
        {"label": text(), "kind": choice(*ITEM_KINDS), "required": flag()},
        {
            "choices": listing(text()),
            "at_least": number("-1e9", "1e9"),
            "at_most": number("-1e9", "1e9"),
            "assumption": _assumptions(),
        },
    )
    return keys(
        {
            "label": text(),
            "domain": choice(*DOMAINS),
            "yields": choice(*YIELDS),
            "repeating": flag(),
            "items": table(code(ItemId, ItemId.example), item),
        },
        {"any_time": flag(), "assumption": _assumptions()},
    )


def _assumption() -> Keys:
    place = pattern(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", "a place in eligibility.yaml like I06a.gap or defaults.lab")
    return keys(_words("about", "value", "why", "confirm", "evidence"), {"covers": listing(place)})


def _question() -> Keys:
    return keys(
        {
            **_words("phrase", "reading", "evidence", "asks"),
            "confidence": choice("high", "moderate", "low"),
            "blocks": listing(code(CriterionId, CriterionId.example), at_least=0),
            "answer": may_be_blank(),
            "answered_by": may_be_blank(),
        }
    )


def _binding() -> Keys:
    return keys(
        {"says": text(), "to": listing(pattern(r"[a-z]+:[A-Za-z0-9_.-]+", "a target like criterion:I10a"), at_least=0)}
    )
