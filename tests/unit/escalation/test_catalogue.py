"""The list of designs and rules for people."""

from celltrial.escalation import design_names, rule_names
from celltrial.escalation.catalogue import find_design, list_designs, list_rules


def test_every_design_stands_with_its_publication() -> None:
    designs = list_designs()
    assert {each.name for each in designs} >= set(design_names())
    assert all(each.source and each.title and each.decides_on for each in designs)
    assert "p_tox" in find_design("boin").parameters


def test_every_rule_says_what_it_does() -> None:
    rules = list_rules()
    assert {each.name for each in rules} == set(rule_names())
    assert all(each.does for each in rules)
    assert next(each.required for each in rules if each.name == "max_n") == ("n",)
