"""Properties of virtual people, for any seed."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.simulate.course import simulate_course
from celltrial.simulate.kinetics import simulate_kinetics, transgene_at
from celltrial.simulate.laboratory import assays, true_values
from celltrial.simulate.medications import baseline_therapies, steroid_plan
from celltrial.simulate.population import simulate_person
from celltrial.simulate.scenario import scenario_named
from celltrial.simulate.streams import Topic, stream

SEEDS = st.integers(min_value=0, max_value=2**63)
OPENED = date(2025, 7, 11)


@given(seed=SEEDS, index=st.integers(0, 40))
@settings(max_examples=40)
def test_streams_do_not_touch_each_other(seed: int, index: int) -> None:
    """A stream gives the same draws however many others were opened before it, and others give other draws."""
    alone = stream(seed, Topic.PERSON, index).random(4)
    stream(seed, Topic.DISEASE, index).random(100)
    assert np.array_equal(alone, stream(seed, Topic.PERSON, index).random(4))
    assert not np.array_equal(alone, stream(seed, Topic.DISEASE, index).random(4))
    assert not np.array_equal(alone, stream(seed, Topic.PERSON, index + 1).random(4))


@given(seed=SEEDS, day=st.floats(0.1, 500.0))
@settings(max_examples=60)
def test_transgene_is_never_above_its_peak(seed: int, day: float) -> None:
    """No day has more than Cmax, and none has less than nothing."""
    kinetics = simulate_kinetics(np.random.default_rng(seed), non_expander=0.1)
    assert 0.0 <= transgene_at(kinetics, day) <= kinetics.cmax * (1 + 1e-9)


@given(seed=SEEDS, index=st.integers(0, 60), day=st.integers(-5, 380), name=st.sampled_from(("default", "toxic")))
@settings(max_examples=40)
def test_results_are_positive_and_repeatable(seed: int, index: int, day: int, name: str) -> None:
    """Every true value is a finite number of at least 0, and the same again."""
    scenario = scenario_named(name)
    person = simulate_person(seed, index, scenario, opened_on=OPENED)
    course = simulate_course(seed, person, scenario, cells=6.0e8)
    values = true_values(seed, person, course, day=day, occasion=3)
    assert set(values) == set(assays())
    assert all(np.isfinite(value) and value >= 0 for value in values.values())
    assert values == true_values(seed, person, course, day=day, occasion=3)


@given(seed=SEEDS, index=st.integers(0, 30), cells=st.floats(1e8, 9e8))
@settings(max_examples=60)
def test_more_cells_never_less_dlt(seed: int, index: int, cells: float) -> None:
    """The same person who has a DLT at a dose has one at every higher dose (one draw decides)."""
    scenario = scenario_named("toxic")
    person = simulate_person(seed, index, scenario, opened_on=OPENED)
    at_low = simulate_course(seed, person, scenario, cells=cells).dlt_kind
    at_high = simulate_course(seed, person, scenario, cells=cells + 1e8).dlt_kind
    assert not at_low or at_high == at_low


@given(seed=SEEDS)
@settings(max_examples=60)
def test_therapies_have_lasted_and_are_stable_but_for_the_card(seed: int) -> None:
    """Glucocorticoid and immunosuppressant for three months at least, no change in two weeks, except with the card."""
    on = date(2026, 1, 31)
    for card in ("eligible", "steroid_unstable"):
        rows = baseline_therapies(np.random.default_rng(seed), screened_on=on, card=card)
        steroid = [each for each in rows if each.drug_class == "glucocorticoid"]
        suppressant = next(each for each in rows if each.drug_class == "immunosuppressant")
        assert (on - steroid[0].start).days > 92
        assert (on - suppressant.start).days > 92
        assert ((on - steroid[-1].start).days < 14) == (card == "steroid_unstable")
        assert all(each.ended is None or each.start <= each.ended for each in rows)


@given(seed=SEEDS, response=st.sampled_from(("complete", "partial", "flare")))
@settings(max_examples=30)
def test_taper_goes_down_unless_there_is_a_flare(seed: int, response: str) -> None:
    """Days rise, doses fall, and only a flare puts them up."""
    flare_day = 200 if response == "flare" else None
    plan = steroid_plan(np.random.default_rng(seed), response=response, flare_day=flare_day)
    days, doses = [day for day, _ in plan], [float(dose) for _, dose in plan]
    assert days == sorted(days)
    rises = [day for day, before, after in zip(days[1:], doses, doses[1:], strict=False) if after > before]
    assert rises == ([202] if response == "flare" else [])
