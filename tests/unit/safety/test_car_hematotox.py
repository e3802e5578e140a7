"""CAR-HEMATOTOX: what stands with values missing, disputed limits, and units."""

from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotEvaluable
from celltrial.safety.car_hematotox import CarHematotoxScore, score_car_hematotox

GOOD = {"platelets": "200", "anc": "3000", "hemoglobin": "120", "crp": "5", "ferritin": "300"}


def score(points_at_limit: dict[str, int] | None = None, **values: str | None) -> CarHematotoxScore:
    given = {name: None if text is None else Decimal(text) for name, text in (GOOD | values).items()}
    return score_car_hematotox(
        platelets_10e9_l=given["platelets"],
        anc_per_ul=given["anc"],
        hemoglobin_g_l=given["hemoglobin"],
        crp_mg_l=given["crp"],
        ferritin_ug_l=given["ferritin"],
        points_at_limit=points_at_limit or {},
    )


def test_every_result_says_where_it_was_validated() -> None:
    """Not in lupus."""
    assert score().flags == ("validated in large B-cell lymphoma; not validated in systemic lupus erythematosus",)


def test_high_risk_stands_as_soon_as_two_points_are_certain() -> None:
    """Without the other values; the total does not."""
    result = score(platelets="60", anc=None, crp=None)
    assert result.risk == "high"
    assert result.total == NotEvaluable("not known: anc, crp; 2 to 4 points", lower_bound=2)


def test_low_risk_stands_where_no_missing_value_could_reach_two_points() -> None:
    """One item of one point missing."""
    assert score(crp=None).risk == "low"
    assert score(crp=None, anc="900").risk == NotEvaluable("not known: crp; 1 to 2 points", lower_bound=1)
    assert score(ferritin=None).risk == NotEvaluable("not known: ferritin; 0 to 2 points", lower_bound=0)


@pytest.mark.parametrize(
    ("item", "limit", "by_default", "otherwise"),
    [("anc", "1200", 0, 1), ("hemoglobin", "90", 0, 1), ("crp", "30", 1, 0)],
)
def test_a_value_exactly_at_a_disputed_limit(item: str, limit: str, by_default: int, otherwise: int) -> None:
    """Prints differ: the points can be chosen, and the value is flagged."""
    assert score(**{item: limit}).total == by_default
    assert score({item: otherwise}, **{item: limit}).total == otherwise
    assert f"{item} exactly" in score(**{item: limit}).flags[-1]


def test_crp_is_in_mg_l() -> None:
    """3 mg/dL of the published table are 30 mg/L."""
    assert (score(crp="3").total, score(crp="29.9").total, score(crp="30.1").total) == (0, 0, 1)


def test_values_of_another_unit_are_refused_at_once() -> None:
    """Haemoglobin in g/dL, platelets per microlitre, a negative count; points that are not open to choice."""
    with pytest.raises(UsageError) as caught:
        score({"ferritin": 1, "crp": 2}, hemoglobin="9.1", platelets="150000", anc="-1")
    assert [each.where for each in caught.value.findings] == ["platelets", "anc", "hemoglobin", "ferritin", "crp"]
