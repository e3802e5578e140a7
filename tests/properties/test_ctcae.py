"""CTCAE: columns and rows give the same; what is learned stays within the range told; a circumstance never lowers."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.missing import NotGradable
from celltrial.safety.ctcae import (
    CIRCUMSTANCES,
    CTCAE_VERSIONS,
    GradeRange,
    GradeResult,
    bound_lab_grade,
    grade_lab,
    grade_labs,
    term_names,
)
from celltrial.safety.ctcae.table import raises_for, rules_for, units_of

FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)
LIMITS = ("lln", "uln", "baseline", "percent_change", "mi_limit")
FLAGS = ("", "LOW", "NORMAL", "HIGH", "LOW LOW", "HIGH HIGH")
TERMS = {version: [(each.term, each.direction) for each in term_names(version)] for version in CTCAE_VERSIONS}

plain = st.decimals(min_value=0, max_value=10_000, places=2) | st.sampled_from(
    [Decimal(text) for text in ("0", "0.1", "0.3", "40.1", "33.3333333333333", "120.3", "0.07", "1e-7", "97")]
)
hair = st.sampled_from([Decimal(0), Decimal("1e-13"), Decimal("-1e-13"), Decimal("0.01"), Decimal("-0.01")])


def fifteen(number: Decimal) -> Decimal:
    """As a laboratory prints it: at most 15 significant digits."""
    return FIFTEEN.plus(number)


@st.composite
def results(draw: st.DrawFn, version: str) -> dict[str, Any]:
    """A result of any term, more often than not exactly at one of its thresholds or a hair off."""
    term, direction = draw(st.sampled_from(TERMS[version]))
    units = [*units_of(version, term, direction), "U/L"]
    unit = draw(st.sampled_from(units))
    facts: dict[str, Any] = {name: draw(st.none() | plain) for name in LIMITS}
    facts["percent_change"] = draw(
        st.none() | st.sampled_from([Decimal(each) for each in (-75, -50, -25, -10, 0, 5, 20)])
    )
    if draw(st.booleans()):
        facts["baseline"] = draw(st.sampled_from([facts["lln"], facts["uln"]]))
    rules = rules_for(version, term, direction, unit)
    value = draw(plain)
    if rules and draw(st.booleans()):
        rule = draw(st.sampled_from(rules))
        operand = Decimal(1) if rule.of == "absolute" else facts.get(rule.of) or Decimal(1)
        if rule.of in ("change", "percent_change"):
            base = facts["baseline"] or Decimal(50)
            value = base + rule.factor if rule.of == "change" else base * (100 + rule.factor) / 100
        else:
            value = operand * rule.factor + rule.plus
        value += value * draw(hair)
    asked = sorted({rule.assumes for rule in rules if rule.assumes})
    asked += sorted({each.needs for each in raises_for(version, term, direction)})
    told = {name: draw(st.sampled_from(["", "yes", "no", "unknown"])) for name in asked}
    return {
        "term": draw(
            st.sampled_from([term, term.upper(), f" {term} ", "Not a term"]) if draw(st.booleans()) else st.just(term)
        ),
        "direction": direction,
        "value": draw(st.sampled_from([None, *[fifteen(value)] * 9])),
        "unit": unit,
        "baseline_flag": draw(st.sampled_from(FLAGS)),
        "told": {name: answer for name, answer in told.items() if answer},
        **{name: None if number is None else fifteen(number) for name, number in facts.items()},
    }


def by_row(result: dict[str, Any], version: str, mode: Any) -> GradeResult | NotGradable:
    facts = {name: result[name] for name in (*LIMITS, "baseline_flag")}
    return grade_lab(
        result["term"],
        result["direction"],
        result["value"],
        result["unit"],
        version=version,
        mode=mode,
        circumstances=result["told"],
        **facts,
    )


def by_column(rows: Sequence[dict[str, Any]], version: str, mode: Any) -> list[tuple[int, str]]:
    names = ("term", "direction", "unit", "baseline_flag")
    texts: Any = {name: [row[name] for row in rows] for name in names}
    numbers: Any = {
        name: [None if row[name] is None else float(row[name]) for row in rows] for name in ("value", *LIMITS)
    }
    told: Any = {name: [row["told"].get(name, "") for row in rows] for name in CIRCUMSTANCES}
    found = grade_labs(version=version, mode=mode, circumstances=told, **texts, **numbers)
    return [(int(found.grades[row]), found.reason(row)) for row in range(len(rows))]


@settings(max_examples=150)
@given(data=st.data(), version=st.sampled_from(CTCAE_VERSIONS), mode=st.sampled_from(["worst-case", "clinical"]))
def test_columns_give_what_rows_give(data: st.DataObject, version: str, mode: str) -> None:
    """Grade and reason alike, at thresholds too, with anything missing."""
    rows = data.draw(st.lists(results(version), min_size=1, max_size=12))
    expected = [by_row(row, version, mode) for row in rows]
    assert by_column(rows, version, mode) == [
        (-1 if isinstance(each, NotGradable) else each.value, each.reason) for each in expected
    ]


def bounds(result: dict[str, Any], version: str) -> GradeRange | NotGradable:
    facts = {name: result[name] for name in (*LIMITS, "baseline_flag")}
    return bound_lab_grade(
        result["term"],
        result["direction"],
        result["value"],
        result["unit"],
        version=version,
        circumstances=result["told"],
        **facts,
    )


@settings(max_examples=200)
@given(data=st.data(), version=st.sampled_from(CTCAE_VERSIONS))
def test_what_is_learned_stays_within_the_range_told(data: st.DataObject, version: str) -> None:
    """Whatever limit, baseline, flag or circumstance is filled in, the grade was among those told before."""
    result = data.draw(results(version))
    told = bounds(result, version)
    if isinstance(told, NotGradable):
        assert isinstance(by_row(result, version, "clinical"), NotGradable)
        return
    assert told.lower <= told.upper
    learned = dict(result)
    for name in LIMITS:
        if learned[name] is None and name != "percent_change":
            learned[name] = data.draw(st.none() | plain.map(fifteen))
    if not learned["baseline_flag"]:
        learned["baseline_flag"] = data.draw(st.sampled_from(FLAGS))
    answers = {name: learned["told"].get(name, "unknown") for name in CIRCUMSTANCES}
    learned["told"] = {
        name: data.draw(st.sampled_from(["yes", "no", "unknown"])) if answer == "unknown" else answer
        for name, answer in answers.items()
    }
    for each in (result, learned):
        grade = by_row(each, version, "clinical")
        if isinstance(grade, GradeResult):
            assert told.lower <= grade.value <= told.upper, (each, grade)


@settings(max_examples=150)
@given(data=st.data(), version=st.sampled_from(CTCAE_VERSIONS))
def test_a_circumstance_that_is_present_never_lowers_a_grade(data: st.DataObject, version: str) -> None:
    """From no, unknown or not told to yes: the grade stays or rises, or there was none before."""
    result = data.draw(results(version))
    before = by_row(result, version, "clinical")
    name = data.draw(st.sampled_from(CIRCUMSTANCES))
    after = by_row(result | {"told": {**result["told"], name: "yes"}}, version, "clinical")
    if isinstance(before, GradeResult) and name != "on_anticoagulation":
        assert isinstance(after, GradeResult), (result, after)
        assert after.value >= before.value


@settings(max_examples=50)
@given(data=st.data(), version=st.sampled_from(CTCAE_VERSIONS))
def test_without_its_value_nothing_is_graded(data: st.DataObject, version: str) -> None:
    """Missing is a reason, in both modes."""
    result = data.draw(results(version)) | {"value": None}
    for mode in ("worst-case", "clinical"):
        assert isinstance(by_row(result, version, mode), NotGradable)
