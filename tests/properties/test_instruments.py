"""What must hold of any assessment."""

from hypothesis import given
from hypothesis import strategies as st

from celltrial.instruments import SledaiScore, score_sledai_2k, sledai_2k_items
from celltrial.missing import NotEvaluable

NAMES = [item.item for item in sledai_2k_items()]
ANSWERS = st.fixed_dictionaries({name: st.sampled_from(["yes", "no"]) for name in NAMES})
CAUSES = st.fixed_dictionaries({name: st.sampled_from(["sle", "other"]) for name in NAMES})


def total(result: SledaiScore | NotEvaluable) -> float:
    assert isinstance(result, SledaiScore)
    return result.total


@given(items=ANSWERS, causes=CAUSES, added=st.sampled_from(NAMES))
def test_adding_a_manifestation_never_lowers_the_score(
    items: dict[str, str], causes: dict[str, str], added: str
) -> None:
    """Turning an item to yes leaves the score or raises it by the item's weight."""
    before, after = score_sledai_2k(items, causes), score_sledai_2k(items | {added: "yes"}, causes)
    assert total(after) >= total(before)


@given(items=ANSWERS, causes=CAUSES)
def test_parts_make_the_whole(items: dict[str, str], causes: dict[str, str]) -> None:
    """Systems sum to the total, which lies in 0 to 105 and is not below the clinical score."""
    result = score_sledai_2k(items, causes)
    assert isinstance(result, SledaiScore)
    assert sum(result.by_system.values()) == result.total
    assert 0 <= result.clinical <= result.total <= 105


@given(items=ANSWERS, causes=CAUSES, lost=st.sets(st.sampled_from(NAMES), min_size=1))
def test_a_missing_item_never_yields_a_score(items: dict[str, str], causes: dict[str, str], lost: set[str]) -> None:
    """Whatever is left, the answer is a lower bound that the full score cannot be under."""
    full = total(score_sledai_2k(items, causes))
    result = score_sledai_2k({name: answer for name, answer in items.items() if name not in lost}, causes)
    assert isinstance(result, NotEvaluable)
    assert result.lower_bound is not None
    assert result.lower_bound <= full
    assert all(name in result.reason for name in lost)
