"""SLEDAI-2K: weights, systems, attribution, and what a missing item does."""

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import SledaiScore, score_clinical_sledai_2k, score_sledai_2k, sledai_2k_items
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
