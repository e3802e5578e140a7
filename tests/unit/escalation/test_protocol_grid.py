"""The grid of scenarios, and designs side by side on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celltrial.errors import UsageError
from celltrial.escalation import design_named, exact_oc
from celltrial.escalation.protocol_grid import GridScenario, find_right_levels, make_grid
from celltrial.escalation.side_by_side import set_side_by_side


@given(st.floats(0.1, 0.5).map(lambda rate: round(rate, 2)), st.integers(1, 8))
def test_the_grid_holds_what_it_says(target: float, levels: int) -> None:
    """Rates rise, every level is the MTD once on each slope, and names are told apart."""
    grid = make_grid(target, levels)
    assert len({each.name for each in grid}) == len(grid) == 2 * levels + 5
    for each in grid:
        assert len(each.truth) == levels
        assert list(each.truth) == sorted(each.truth)
        assert all(0 <= rate <= 1 for rate in each.truth)
        assert each.reason
    for word in ("moderate", "steep"):
        assert [each.truth[place] for place, each in enumerate(grid_of(grid, word))] == [target] * levels
        assert [each.right for each in grid_of(grid, word)] == [(level,) for level in range(1, levels + 1)]
    assert {each.right for each in grid if "too toxic" in each.name} == {()}


def grid_of(grid: tuple[GridScenario, ...], word: str) -> list[GridScenario]:
    return [each for each in grid if each.name.startswith("MTD at") and each.name.endswith(word)]


@pytest.mark.parametrize(
    ("truth", "right"),
    [
        ((0.1, 0.3, 0.5), (2,)),
        # 1.4 x 0.30 = 0.42 is too toxic, a hair below is not
        ((0.42, 0.5), ()),
        ((0.41, 0.5), (1,)),
        ((0.3, 0.3), (1, 2)),
        # equally far: the one below the target
        ((0.2, 0.4), (1,)),
        ((0.01, 0.05), (2,)),
    ],
)
def test_the_right_levels(truth: tuple[float, ...], right: tuple[int, ...]) -> None:
    assert find_right_levels(truth, 0.30) == right


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="no dose level"):
        make_grid(0.30, 0)
    with pytest.raises(UsageError, match="target"):
        make_grid(1.30, 3)


def test_side_by_side_has_the_exact_numbers_of_each_design_and_scenario() -> None:
    designs = {"boin": design_named("boin", target=0.30), "crm": design_named("crm", target=0.30)}
    grid = make_grid(0.30, 3)
    found = set_side_by_side(designs, grid, cohort_size=3, max_n=9)
    for each in found.outcomes:
        known = exact_oc(designs[each.design], each.scenario.truth, cohort_size=3, max_n=9)
        assert each.oc.selection == pytest.approx(known.selection, abs=1e-12)
        assert each.right + each.too_low + each.too_high + each.none == pytest.approx(1.0)
        assert sum(each.sizes().values()) == pytest.approx(1.0)
        assert sum(size * share for size, share in each.sizes().items()) == pytest.approx(known.expected_n)
    level_two = next(each for each in found.of("boin") if each.scenario.name == "MTD at level 2, moderate")
    assert (level_two.right, level_two.too_low, level_two.too_high) == pytest.approx(
        level_two.oc.selection[1::-1] + level_two.oc.selection[2:]
    )
    toxic = next(each for each in found.of("boin") if each.scenario.name == "all too toxic")
    assert (toxic.right, toxic.none, toxic.too_high) == pytest.approx((toxic.oc.none, 0.0, sum(toxic.oc.selection)))
    assert toxic.overdosed == pytest.approx(1.0)


def test_one_scenario_by_hand() -> None:
    """One level, one cohort of three, rate 0.5: BOIN eliminates at 3/3, so the level is selected with 7/8."""
    grid = [GridScenario(name="one", truth=(0.5,), right=(1,), reason="by hand")]
    found = set_side_by_side({"boin": design_named("boin", target=0.30)}, grid, cohort_size=3, max_n=3)
    assert found.outcomes[0].right == pytest.approx(0.875)
    assert found.outcomes[0].dlts == pytest.approx(1.5)
    assert found.means("boin")["correct"] == pytest.approx(0.875)
    document = found.to_json()
    assert document["results"][0]["correct"] == pytest.approx(0.875)
    assert document["scenarios"][0]["reason"] == "by hand"


def test_progress_is_told() -> None:
    told: list[float] = []
    designs = {"boin": design_named("boin", target=0.30)}
    set_side_by_side(designs, make_grid(0.3, 1), cohort_size=3, max_n=3, progress=lambda share, _: told.append(share))
    assert told == [0.0, 1.0]
