"""SELENA-SLEDAI: same names and weights as the 2K, other definitions, and its rule of proteinuria."""

from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    NEW_PROTEINURIA,
    SledaiScore,
    derive_new_proteinuria,
    score_clinical_selena_sledai,
    score_selena_sledai,
    selena_sledai_items,
    sledai_2k_items,
)
from celltrial.missing import NotEvaluable

ABSENT = {item.item: "no" for item in selena_sledai_items()}
STABLE = ABSENT | {"proteinuria": "yes", NEW_PROTEINURIA: "no"}


def total(result: SledaiScore | NotEvaluable) -> int | None:
    return result.total if isinstance(result, SledaiScore) else None


def test_items_and_weights_are_those_of_the_2k() -> None:
    """Only the definitions differ, and some do."""
    pairs = list(zip(selena_sledai_items(), sledai_2k_items(), strict=True))
    assert all((one.item, one.weight, one.system) == (two.item, two.weight, two.system) for one, two in pairs)
    differing = {one.item for one, two in pairs if (one.definition, one.exclusions) != (two.definition, two.exclusions)}
    assert {"visual_disturbance", "cranial_nerve", "cva", "arthritis", "proteinuria", "pleurisy"} <= differing


def test_the_score_says_its_window_and_its_instrument() -> None:
    """Ten days; the rule of proteinuria is part of the name."""
    plain, modified = score_selena_sledai(ABSENT, {}), score_selena_sledai(ABSENT, {}, proteinuria_rule="2k")
    assert isinstance(plain, SledaiScore)
    assert isinstance(modified, SledaiScore)
    assert plain.window_days == 10
    assert plain.instrument != modified.instrument


def test_stable_proteinuria_scores_by_the_rule_of_the_2k_only() -> None:
    """The difference between the two instruments."""
    cause = {"proteinuria": "sle"}
    assert total(score_selena_sledai(STABLE, cause)) == 0
    assert total(score_selena_sledai(STABLE, cause, proteinuria_rule="2k")) == 4
    assert total(score_selena_sledai(STABLE | {NEW_PROTEINURIA: "yes"}, cause)) == 4


@pytest.mark.parametrize(("present", "new"), [("yes", "unknown"), ("yes", ""), ("unknown", "yes"), ("", "")])
def test_proteinuria_that_may_be_new_leaves_the_score_open(present: str, new: str) -> None:
    """Not known whether it counts."""
    result = score_selena_sledai(ABSENT | {"proteinuria": present, NEW_PROTEINURIA: new}, {"proteinuria": "sle"})
    assert isinstance(result, NotEvaluable)
    assert "proteinuria" in result.reason


@pytest.mark.parametrize(("present", "new"), [("no", ""), ("no", "unknown"), ("unknown", "no")])
def test_proteinuria_that_cannot_count_settles_the_score(present: str, new: str) -> None:
    """Absent, or certainly not new: nothing, whatever the other answer is."""
    assert total(score_selena_sledai(ABSENT | {"proteinuria": present, NEW_PROTEINURIA: new}, {})) == 0


def test_answers_that_exclude_each_other_are_refused() -> None:
    """Risen but absent; a word that cannot be read; a rule that is none."""
    with pytest.raises(UsageError, match="without proteinuria"):
        score_selena_sledai(ABSENT | {NEW_PROTEINURIA: "yes"}, {})
    with pytest.raises(UsageError, match="'maybe'"):
        score_selena_sledai(ABSENT | {NEW_PROTEINURIA: "maybe"}, {})
    with pytest.raises(UsageError, match="'Y'"):
        score_selena_sledai(ABSENT | {"proteinuria": "Y"}, {})
    with pytest.raises(UsageError, match="proteinuria_rule"):
        score_selena_sledai(ABSENT, {}, proteinuria_rule="bliss")  # type: ignore[arg-type]  # a wrong word on purpose


def test_clinical_leaves_serology_out() -> None:
    """Known where anti-dsDNA is not; the rule of proteinuria holds there too."""
    items = STABLE | {"high_dna_binding": ""}
    assert score_clinical_selena_sledai(items, {"proteinuria": "sle"}) == 0
    assert score_clinical_selena_sledai(items, {"proteinuria": "sle"}, proteinuria_rule="2k") == 4


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("0.5", "0", "no"),
        ("0.51", "0.5", "yes"),
        ("0.51", "0.51", "no"),
        ("1.5", "1.0", "no"),
        ("1.51", "1.0", "yes"),
        ("0.5", None, "no"),
        ("0.51", None, "unknown"),
        (None, "0.2", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_new_or_risen_by_more_than_half_a_gram(now: str | None, before: str | None, expected: str) -> None:
    """Both sides of 0.5 g/24 h, of presence and of the rise."""
    numbers = [None if text is None else Decimal(text) for text in (now, before)]
    assert derive_new_proteinuria(*numbers).answer == expected


def test_negative_protein_is_refused() -> None:
    """Both values are told."""
    with pytest.raises(UsageError) as caught:
        derive_new_proteinuria(Decimal(-1), Decimal("NaN"))
    assert [each.where for each in caught.value.findings] == ["now_g_24h", "before_g_24h"]
