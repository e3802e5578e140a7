"""SLEDAI-2K: weights, systems, attribution, and what a missing item does."""

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    SledaiScore,
    band_sledai,
    compare_sledai,
    score_clinical_sledai_2k,
    score_nonlaboratory_sledai_2k,
    score_selena_sledai,
    score_sledai_2k,
    sledai_2k_items,
)
from celltrial.missing import NotEvaluable

ABSENT = {item.item: "no" for item in sledai_2k_items()}


def scored(*present: str, **attributions: str) -> SledaiScore | NotEvaluable:
    """The score with these items present, due to lupus unless said otherwise."""
    items = ABSENT | dict.fromkeys(present, "yes")
    return score_sledai_2k(items, dict.fromkeys(present, "sle") | attributions)


def test_nothing_present_is_a_definite_zero() -> None:
    """All 24 items known and absent score 0; that is not the same as not evaluable."""
    assert scored() == SledaiScore(
        total=0,
        clinical=0,
        nonlaboratory=0,
        by_system={
            "central_nervous": 0,
            "vascular": 0,
            "musculoskeletal": 0,
            "renal": 0,
            "mucocutaneous": 0,
            "serosal": 0,
            "immunologic": 0,
            "constitutional": 0,
            "haematologic": 0,
        },
        contributing=(),
        excluded=(),
    )


def test_clinical_leaves_serology_out() -> None:
    """Low complement and anti-dsDNA count in the total and not in the clinical score."""
    result = scored("arthritis", "proteinuria", "low_complement", "high_dna_binding")
    assert isinstance(result, SledaiScore)
    assert (result.total, result.clinical) == (12, 8)
    assert result.by_system["renal"] == 4
    assert result.by_system["immunologic"] == 4
    assert result.contributing == ("arthritis", "proteinuria", "low_complement", "high_dna_binding")


def test_another_cause_scores_nothing_and_is_listed() -> None:
    """A low count after lymphodepletion scores 0 and stays visible."""
    result = scored("leukopenia", "rash", leukopenia="other")
    assert isinstance(result, SledaiScore)
    assert (result.total, result.excluded) == (2, ("leukopenia",))


@pytest.mark.parametrize("answer", ["unknown", ""])
def test_an_unknown_item_leaves_a_lower_bound(answer: str) -> None:
    """Unknown and blank alike: the item is named and the certain part kept."""
    items = ABSENT | {"fever": answer, "arthritis": "yes"}
    result = score_sledai_2k(items, {"arthritis": "sle"})
    assert result == NotEvaluable("not known whether present: fever", lower_bound=4)


def test_a_missing_item_is_unknown() -> None:
    """An item that is not in the mapping at all is not a no."""
    items = {item: answer for item, answer in ABSENT.items() if item not in ("cva", "pyuria")}
    assert score_sledai_2k(items, {}) == NotEvaluable("not known whether present: cva, pyuria", lower_bound=0)


@pytest.mark.parametrize("attribution", ["unknown", ""])
def test_a_present_item_needs_its_cause(attribution: str) -> None:
    """Present, cause not known: neither its weight nor 0."""
    result = scored("seizure", "rash", seizure=attribution)
    assert result == NotEvaluable("present, not known whether due to SLE: seizure", lower_bound=2)


def test_attribution_of_an_absent_item_is_not_read() -> None:
    """An attribution left over on an absent item changes nothing."""
    assert score_sledai_2k(ABSENT, {"fever": "unknown"}) == score_sledai_2k(ABSENT, {})


def test_clinical_may_be_known_where_the_total_is_not() -> None:
    """A missing anti-dsDNA leaves the clinical score definite; a missing rash does not."""
    assert score_clinical_sledai_2k(ABSENT | {"high_dna_binding": "unknown"}, {}) == 0
    result = score_clinical_sledai_2k(ABSENT | {"rash": "", "fever": "yes"}, {"fever": "sle"})
    assert result == NotEvaluable("not known whether present: rash", lower_bound=1)


def test_words_that_cannot_be_read_are_all_told() -> None:
    """Every unreadable answer is a finding of its own, naming the item."""
    with pytest.raises(UsageError) as caught:
        score_sledai_2k(ABSENT | {"rash": "maybe", "fever": "YES"}, {})
    assert [(each.where, each.found) for each in caught.value.findings] == [("rash", "'maybe'"), ("fever", "'YES'")]
    with pytest.raises(UsageError, match="attribution of rash"):
        score_sledai_2k(ABSENT, {"rash": "drug"})


def test_two_scores_are_called_clinical_and_have_two_names() -> None:
    """Without serology, and without any laboratory item: urine, counts and serology."""
    result = scored("arthritis", "proteinuria", "thrombocytopenia", "high_dna_binding", "fever")
    assert isinstance(result, SledaiScore)
    assert (result.total, result.clinical, result.nonlaboratory) == (12, 10, 5)
    laboratory = {item.number for item in sledai_2k_items() if item.is_laboratory}
    assert laboratory == {11, 12, 13, 14, 20, 21, 23, 24}


def test_the_bedside_score_may_be_known_where_the_laboratory_is_not() -> None:
    """Missing counts leave it definite; a missing rash does not."""
    items = ABSENT | {"leukopenia": "", "pyuria": "unknown", "rash": "yes"}
    assert score_nonlaboratory_sledai_2k(items, {"rash": "sle"}) == 2
    result = score_nonlaboratory_sledai_2k(ABSENT | {"rash": ""}, {})
    assert result == NotEvaluable("not known whether present: rash", lower_bound=0)


def over(*present: str, days: int | None = 30) -> SledaiScore | NotEvaluable:
    return score_sledai_2k(ABSENT | dict.fromkeys(present, "yes"), dict.fromkeys(present, "sle"), window_days=days)


def test_the_window_is_kept_with_the_score() -> None:
    """10 and 30 days are validated; nothing else is."""
    result = over("rash", days=10)
    assert isinstance(result, SledaiScore)
    assert result.window_days == 10
    with pytest.raises(UsageError, match="no such window"):
        over("rash", days=28)


@pytest.mark.parametrize(
    ("before", "after", "change", "course"),
    [
        ((), ("fever", "rash"), 3, "persistent"),
        ((), ("arthritis",), 4, "flare"),
        (("fever", "rash"), (), -3, "persistent"),
        (("arthritis",), (), -4, "improvement"),
        (("arthritis",), ("rash", "alopecia"), 0, "persistent"),
    ],
)
def test_more_than_three_points_are_a_flare_or_an_improvement(
    before: tuple[str, ...], after: tuple[str, ...], change: int, course: str
) -> None:
    """Three points either way are persistent activity."""
    result = compare_sledai(over(*before), over(*after))
    assert not isinstance(result, NotEvaluable)
    assert (result.change, result.course) == (change, course)


def test_a_change_names_what_came_and_went() -> None:
    """Items, in published order."""
    result = compare_sledai(over("rash", "arthritis"), over("fever", "arthritis"))
    assert not isinstance(result, NotEvaluable)
    assert (result.appeared, result.disappeared, result.change) == (("fever",), ("rash",), -1)


def test_windows_are_never_mixed() -> None:
    """Two windows are refused; one that is not told may be either, so there is no change."""
    with pytest.raises(UsageError, match="10 and 30 days"):
        compare_sledai(over("rash", days=10), over(days=30))
    assert isinstance(compare_sledai(over(days=None), over(days=30)), NotEvaluable)
    assert isinstance(compare_sledai(over(days=None), over(days=None)), NotEvaluable)


def test_instruments_are_never_mixed() -> None:
    """SELENA-SLEDAI and SLEDAI-2K are two definitions of the same 24 names."""
    selena = score_selena_sledai(ABSENT, {})
    with pytest.raises(UsageError, match="SLEDAI-2K and SELENA-SLEDAI"):
        compare_sledai(over(days=10), selena)


def test_an_open_score_has_no_change() -> None:
    """Which side is open is said."""
    unknown = score_sledai_2k(ABSENT | {"fever": ""}, {}, window_days=30)
    for pair, where in (((unknown, over()), "before"), ((over(), unknown), "after")):
        result = compare_sledai(*pair)
        assert isinstance(result, NotEvaluable)
        assert where in result.reason
        assert "fever" in result.reason


@pytest.mark.parametrize(
    ("total", "five", "four"),
    [
        (0, "none", "remission"),
        (1, "mild", "low"),
        (4, "mild", "low"),
        (5, "mild", "moderate"),
        (6, "moderate", "moderate"),
        (10, "moderate", "moderate"),
        (11, "high", "high"),
        (19, "high", "high"),
        (20, "very high", "high"),
        (105, "very high", "high"),
    ],
)
def test_bands_have_both_sides_of_every_limit(total: int, five: str, four: str) -> None:
    """Two sets that disagree, neither of them normative."""
    assert (band_sledai(total, "five_bands"), band_sledai(total, "four_bands")) == (five, four)


@pytest.mark.parametrize("total", [-1, 106])
def test_no_band_outside_the_range(total: int) -> None:
    """A total that cannot be is refused."""
    with pytest.raises(UsageError, match="no band"):
        band_sledai(total, "five_bands")
