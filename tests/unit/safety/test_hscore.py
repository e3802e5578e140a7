"""HScore: total, range of what is not known, cut-off, flags."""

from decimal import Decimal
from typing import Any

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotEvaluable
from celltrial.safety.hscore import HScoreFindings, score_hscore

HEALTHY: dict[str, Any] = dict.fromkeys(
    ("immunosuppression", "hepatomegaly", "splenomegaly", "haemophagocytosis"), "no"
) | {
    "temperature_c": Decimal(37),
    "hemoglobin_g_l": Decimal(140),
    "leukocytes_10e9_l": Decimal(7),
    "platelets_10e9_l": Decimal(250),
    "ferritin_ug_l": Decimal(100),
    "triglycerides_mmol_l": Decimal(1),
    "fibrinogen_g_l": Decimal(3),
    "ast_u_l": Decimal(20),
}
WORST: dict[str, Any] = dict.fromkeys(
    ("immunosuppression", "hepatomegaly", "splenomegaly", "haemophagocytosis"), "yes"
) | {
    "temperature_c": Decimal(40),
    "hemoglobin_g_l": Decimal(80),
    "leukocytes_10e9_l": Decimal(1),
    "platelets_10e9_l": Decimal(20),
    "ferritin_ug_l": Decimal(20000),
    "triglycerides_mmol_l": Decimal(5),
    "fibrinogen_g_l": Decimal(1),
    "ast_u_l": Decimal(300),
}


def test_the_total_runs_from_0_to_337() -> None:
    """Nothing, and everything: 18 + 49 + 38 + 34 + 50 + 64 + 30 + 19 + 35."""
    assert score_hscore(HScoreFindings(**HEALTHY)).total == 0
    assert score_hscore(HScoreFindings(**WORST)).total == 18 + 49 + 38 + 34 + 50 + 64 + 30 + 19 + 35 == 337


def test_what_is_not_known_leaves_a_range() -> None:
    """The reason names it; the lower bound counts what is certain."""
    result = score_hscore(HScoreFindings(**(WORST | {"ferritin_ug_l": None, "haemophagocytosis": "unknown"})))
    assert (result.lowest, result.highest) == (337 - 50 - 35, 337)
    assert result.total == NotEvaluable(
        "not known: ferritin_ug_l, haemophagocytosis; the score may be 252 to 337", lower_bound=252
    )
    assert result.reaches_cutoff == "yes"


def test_nothing_known_is_no_score() -> None:
    """0 to 337, with every input named."""
    result = score_hscore(HScoreFindings())
    assert (result.lowest, result.highest, result.reaches_cutoff) == (0, 337, "unknown")
    assert len(result.unknown) == 12


def test_a_missing_lineage_that_cannot_matter_is_not_asked_for() -> None:
    """With two normal lineages the third gives no points."""
    result = score_hscore(HScoreFindings(**(HEALTHY | {"platelets_10e9_l": None})))
    assert (result.total, result.unknown) == (0, ())


def test_one_unknown_lineage_beside_a_low_one() -> None:
    """0 or 24 points."""
    result = score_hscore(HScoreFindings(**(HEALTHY | {"hemoglobin_g_l": Decimal(80), "platelets_10e9_l": None})))
    assert (result.points["cytopenias"], result.unknown) == ((0, 24), ("platelets_10e9_l",))


@pytest.mark.parametrize(("cutoff", "reaches"), [(169, "yes"), (170, "no")])
def test_the_cutoff_itself_counts(cutoff: int, reaches: str) -> None:
    """A total of exactly 169 reaches 169: 18 + 49 + 38 + 64."""
    exactly = {"immunosuppression": "yes", "temperature_c": Decimal(40), "hepatomegaly": "yes", "splenomegaly": "yes"}
    result = score_hscore(HScoreFindings(**(HEALTHY | exactly | {"triglycerides_mmol_l": Decimal(5)})), cutoff=cutoff)
    assert (result.total, result.reaches_cutoff) == (169, reaches)


def test_flags() -> None:
    """Immunosuppression in lupus, a haemoglobin that looks like g/dL."""
    assert score_hscore(HScoreFindings(**HEALTHY)).flags == ()
    flags = score_hscore(
        HScoreFindings(**(HEALTHY | {"immunosuppression": "yes", "hemoglobin_g_l": Decimal("9.5")}))
    ).flags
    assert flags[0].endswith("poor specificity")
    assert flags[1] == "haemoglobin 9.5 g/L: check the unit"


def test_entries_that_make_no_sense_are_told_all_at_once() -> None:
    """Degrees Fahrenheit, a negative count, a word."""
    with pytest.raises(UsageError) as caught:
        HScoreFindings(temperature_c=Decimal(101), ferritin_ug_l=Decimal(-1), splenomegaly="big")  # type: ignore[arg-type]  # the point of the test
    assert [finding.where for finding in caught.value.findings] == ["temperature_c", "ferritin_ug_l", "splenomegaly"]
