"""Designs by name: what is built, and every problem of what was asked for."""

import pytest

from celltrial.errors import UsageError
from celltrial.escalation import Boin, I3Plus3, ThreePlusThree, check_design, design_named, design_names, rule_names

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
    numbers = {"stop_at_n": {"n": 9}, "max_n": {"n": 12.0}, "stop_when_full": {"n": 9}}
    rules = [(name, numbers.get(name, {})) for name in rule_names()]
    assert [rule.describe() for rule in design_named("3+3", target=0.30, rules=rules).rules] == [
        "eliminate(cutoff=0.95, min_n=3)",
        "extra_safe(cutoff=0.95, offset=0.05, min_n=3)",
        "max_n(n=12)",
        "no_skip",
        "stop_at_n(n=9)",
        "stop_below_lowest",
        "stop_when_full(n=9)",
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "base"),
    [
        ("3+3", {}, ThreePlusThree(target=0.30)),
        ("3+3", {"variant": "six"}, ThreePlusThree(target=0.30, variant="six")),
        ("boin", {"p_saf": 0.1, "p_tox": 0.5}, Boin(target=0.30, p_saf=0.1, p_tox=0.5)),
        ("i3+3", {}, I3Plus3(target=0.30)),
        ("i3+3", {"half_width": 0.1}, I3Plus3(target=0.30, eps1=0.1, eps2=0.1)),
        ("i3+3", {"eps1": 0.1}, I3Plus3(target=0.30, eps1=0.1, eps2=0.05)),
    ],
)
def test_parameters_reach_the_base_rule(name: str, parameters: dict[str, float | str], base: object) -> None:
    """By the names the papers and packages use."""
    assert design_named(name, target=0.30, parameters=parameters).base == base


@pytest.mark.parametrize(("name", "rules"), [("3+3", 0), ("boin", 1), ("i3+3", 1)])
def test_boin_and_i3plus3_eliminate_as_published(name: str, rules: int) -> None:
    """3+3 as published does not."""
    assert len(design_named(name, target=0.30).rules) == rules


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
    findings = check_design("mtpi", target=0.30, rules=[("skip", {})])
    assert [(each.message, each.found, each.expected) for each in findings] == [
        ("no such design", "'mtpi'", "3+3, boin, i3+3"),
        ("no such rule", "'skip'", ", ".join(rule_names())),
    ]
    assert design_names() == ("3+3", "boin", "i3+3")


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
        ("no such parameter of boin", "p_saf, p_tox, cutoff_eli"),
        ("parameter p_tox of boin is not a number", "a number"),
        ("rule max_n is given twice", ""),
        ("no such number of rule no_skip", "none: it takes no numbers"),
        ("rule max_n needs n", "max_n with n, a number"),
        ("n of rule max_n is not a number", "a number"),
        ("no such number of rule stop_at_n", "n"),
        ("rule stop_at_n needs n", "stop_at_n with n, a number"),
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "rules", "message"),
    [
        ("boin", {"p_saf": 0.5}, [], "the rates of BOIN are not in order"),
        ("3+3", {"variant": "ten"}, [], r"no such variant of 3\+3"),
        ("boin", {}, [("max_n", {"n": 11.5})], "n of max_n is not a number of participants"),
        ("i3+3", {"eps1": 0.1, "half_width": 0.1}, [], r"the equivalence interval of i3\+3 is given twice"),
    ],
)
def test_numbers_that_do_not_fit_are_findings(
    name: str, parameters: dict[str, float | str], rules: list[tuple[str, dict[str, float]]], message: str
) -> None:
    """What the rules themselves refuse comes out as a finding too."""
    with pytest.raises(UsageError, match=message):
        design_named(name, target=0.30, parameters=parameters, rules=rules)
