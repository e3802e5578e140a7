"""Designs by name: what is built, and every problem of what was asked for."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import (
    APlusB,
    Boin,
    I3Plus3,
    Keyboard,
    ThreePlusThree,
    Titration,
    Tpi,
    check_design,
    design_named,
    design_names,
    rule_names,
)

CT1192_RULES = (("no_skip", {}), ("stop_at_n", {"n": 9}), ("max_n", {"n": 12}), ("eliminate", {"cutoff": 0.95}))


def test_a_study_s_settings_build_a_design() -> None:
    """The rules in the order given, elimination once."""
    design = design_named("boin", target=0.30, parameters={}, rules=CT1192_RULES)
    assert design.base == Boin(target=0.30)
    assert [rule.describe() for rule in design.rules] == [
        "no_skip",
        "stop_at_n(n=9)",
        "max_n(n=12)",
        "eliminate(cutoff=0.95, min_n=3)",
    ]


def test_every_rule_can_be_named() -> None:
    """Each name of `rule_names`, with its numbers."""
    counted = ("stop_at_n", "stop_when_full", "min_at_dose", "min_to_escalate", "expansion")
    numbers = {name: {"n": 9} for name in counted} | {
        "max_n": {"n": 12.0},
        "intermediate": {"level": 2},
        "precision_stop": {"width": 0.4},
        "target_prob_stop": {"low": 0.2, "high": 0.4, "probability": 0.5},
        "too_toxic": {"cutoff": 0.9, "level": "any"},
    }
    rules = [(name, numbers.get(name, {})) for name in rule_names()]
    assert [rule.describe() for rule in design_named("3+3", target=0.30, rules=rules).rules] == [
        "backfill(n=12)",
        "deescalation_level(levels=1, n=6)",
        "eliminate(cutoff=0.95, min_n=3)",
        "expansion(n=9, after=6, max_rate=0.33)",
        "extra_safe(cutoff=0.95, offset=0.05, min_n=3)",
        "intermediate(level=2)",
        "max_n(n=12)",
        "min_at_dose(n=9)",
        "min_to_escalate(n=9)",
        "no_skip",
        "precision_stop(width=0.4, probability=0.9, min_n=6)",
        "sentinel(cohort_size=3)",
        "stop_at_n(n=9)",
        "stop_below_lowest",
        "stop_when_full(n=9)",
        "target_prob_stop(low=0.2, high=0.4, probability=0.5, min_n=6)",
        "too_toxic(limit=0.3, cutoff=0.9, level=any, min_n=1)",
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "base"),
    [
        ("3+3", {}, ThreePlusThree(target=0.30)),
        ("3+3", {"variant": "six"}, ThreePlusThree(target=0.30, variant="six")),
        ("a+b", {"a": 2.0, "b": 4, "e": 2}, APlusB(target=0.30, a=2, b=4, e=2)),
        ("keyboard", {"eps1": 0.1}, Keyboard(target=0.30, eps1=0.1)),
        ("tpi", {"k2": 1.0, "prior_a": 1}, Tpi(target=0.30, k2=1.0, prior_a=1)),
        ("boin", {"p_saf": 0.1, "p_tox": 0.5}, Boin(target=0.30, p_saf=0.1, p_tox=0.5)),
        ("i3+3", {}, I3Plus3(target=0.30)),
        ("i3+3", {"half_width": 0.1}, I3Plus3(target=0.30, eps1=0.1, eps2=0.1)),
        ("i3+3", {"eps1": 0.1}, I3Plus3(target=0.30, eps1=0.1, eps2=0.05)),
    ],
)
def test_parameters_reach_the_base_rule(name: str, parameters: dict[str, float | str], base: object) -> None:
    """By the names the papers and packages use."""
    assert design_named(name, target=0.30, parameters=parameters).base == base


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("3+3", []),
        ("a+b", []),
        ("boin", ["eliminate(cutoff=0.95, min_n=3)"]),
        ("i3+3", ["eliminate(cutoff=0.95, min_n=3)"]),
        ("keyboard", ["eliminate(cutoff=0.95, min_n=1)"]),
        ("mtpi", ["eliminate(cutoff=0.95, min_n=2)"]),
        ("mtpi-2", ["eliminate(cutoff=0.95, min_n=2)"]),
        ("tpi", ["eliminate(cutoff=0.95, min_n=2, prior_a=0.005, prior_b=0.005)"]),
    ],
)
def test_designs_eliminate_as_published(name: str, rules: list[str]) -> None:
    """3+3 and A+B as published do not; the others differ in where they begin, TPI has its own prior."""
    assert [rule.describe() for rule in design_named(name, target=0.30).rules] == rules


def test_an_expansion_is_for_designs_that_declare_their_mtd() -> None:
    """Others are asked for more participants before a stop."""
    (finding,) = check_design("boin", target=0.30, rules=[("expansion", {"n": 12})])
    assert finding.message == "rule expansion follows a design that declares its MTD"
    assert finding.expected.startswith("3+3 or a+b")
    assert "min_at_dose" in finding.next_step
    assert check_design("a+b", target=0.30, rules=[("expansion", {"n": 12})]) == ()


def test_rules_that_name_a_level_may_come_more_than_once() -> None:
    """Two intermediate levels are two rules."""
    rules = [("intermediate", {"level": 2}), ("intermediate", {"level": 4})]
    assert check_design("boin", target=0.30, rules=rules) == ()


def test_options_that_are_words() -> None:
    """Given as such; other words are findings."""
    design = design_named("boin", target=0.25, parameters={"stay_at_one_third": "yes", "titration": 3.0})
    assert design.base == Titration(base=Boin(target=0.25, stay_at_one_third="yes"), cohort_size=3)
    assert dict(design.base.parameters)["titration"] == 3
    (finding,) = check_design("boin", target=0.25, parameters={"stay_at_one_third": "sometimes"})
    assert (finding.found, finding.expected) == ("'sometimes'", "yes or no")
    (finding,) = check_design("boin", target=0.25, rules=[("stop_at_n", {"n": 9, "when": "never"})])
    assert finding.expected == "stay or any"


def test_the_cutoff_of_the_published_elimination_can_be_set() -> None:
    """Once: two different cutoffs are a problem, the same one twice is none."""
    strict = design_named("boin", target=0.30, parameters={"cutoff_eli": 0.9})
    assert [rule.describe() for rule in strict.rules] == ["eliminate(cutoff=0.9, min_n=3)"]
    both = {"parameters": {"cutoff_eli": 0.9}, "rules": [("eliminate", {"cutoff": 0.9})]}
    assert check_design("boin", target=0.30, **both) == ()
    (finding,) = check_design("boin", target=0.30, parameters={"cutoff_eli": 0.9}, rules=[("eliminate", {})])
    assert finding.message == "boin has two cutoffs for elimination"
    assert finding.found == "cutoff_eli 0.9, rule eliminate 0.95"


def test_an_unknown_design_lists_those_there_are() -> None:
    """And the problems of its rules with it."""
    findings = check_design("rule of thumb", target=0.30, rules=[("skip", {})])
    assert [(each.message, each.found, each.expected) for each in findings] == [
        ("no such design", "'rule of thumb'", ", ".join(design_names())),
        ("no such rule", "'skip'", ", ".join(rule_names())),
    ]
    assert {"3+3", "a+b", "boin", "i3+3", "keyboard", "mtpi", "mtpi-2", "tpi"} <= set(design_names())


def test_all_problems_are_found_at_once() -> None:
    """Unknown names, wrong kinds, missing and superfluous numbers, a rule given twice."""
    with pytest.raises(UsageError) as caught:
        design_named(
            "boin",
            target=0.30,
            parameters={"phi": 0.2, "p_tox": "high"},
            rules=[("no_skip", {"n": 1}), ("max_n", {}), ("max_n", {"n": "many"}), ("stop_at_n", {"m": 3})],
        )
    assert [(each.message, each.expected) for each in caught.value.findings] == [
        ("no such parameter of boin", "p_saf, p_tox, stay_at_one_third, cutoff_eli, titration"),
        ("parameter p_tox of boin is not a number", "a number"),
        ("rule max_n is given twice", ""),
        ("no such number of rule no_skip", "none: it takes no numbers"),
        ("rule max_n needs n", "max_n with n, a number"),
        ("n of rule max_n is not a number", "a number"),
        ("no such number of rule stop_at_n", "n, when"),
        ("rule stop_at_n needs n", "stop_at_n with n, a number"),
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "rules", "message"),
    [
        ("boin", {"p_saf": 0.5}, [], "the rates of BOIN are not in order"),
        ("3+3", {"variant": "ten"}, [], r"no such variant of 3\+3"),
        ("boin", {}, [("max_n", {"n": 11.5})], "n of max_n is not a number of participants"),
        ("i3+3", {"eps1": 0.1, "half_width": 0.1}, [], r"the equivalence interval of i3\+3 is given twice"),
        ("keyboard", {"eps1": 0.4}, [], "the equivalence interval of keyboard is not within the rates"),
        ("mtpi", {"prior_a": 0}, [], "the beta prior is none"),
        ("tpi", {"k1": -1}, [], "the widths of TPI are none"),
        ("a+b", {"c": 5}, [], r"the thresholds of A\+B are not in order"),
        ("a+b", {"a": 2.5}, [], "a is not a number of participants"),
        ("a+b", {"variant": "ten"}, [], r"no such variant of A\+B"),
        ("boin", {"titration": 0}, [], "the cohort size after titration is not a number of participants"),
        ("boin", {}, [("too_toxic", {"cutoff": 2})], "the cutoff of too_toxic is not a rate"),
        ("boin", {}, [("too_toxic", {"cutoff": 0.9, "level": "some"})], "level of too_toxic is not a level"),
        ("boin", {}, [("intermediate", {"level": 1})], "an intermediate level lies between two others"),
        ("boin", {}, [("target_prob_stop", {"low": 0.4, "high": 0.2, "probability": 0.5})], "is none"),
        ("boin", {}, [("precision_stop", {"width": 2})], "the width of precision_stop is not a rate"),
    ],
)
def test_numbers_that_do_not_fit_are_findings(
    name: str, parameters: dict[str, float | str], rules: list[tuple[str, dict[str, float]]], message: str
) -> None:
    """What the rules themselves refuse comes out as a finding too."""
    with pytest.raises(UsageError, match=message):
        design_named(name, target=0.30, parameters=parameters, rules=rules)
