"""What is not known: every completion stays within what was told; more harm never grades lower."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.missing import Blq, NotGradable
from celltrial.safety.b_cell_aplasia import BCellSample, BCellState, b_cell_episodes, b_cell_state
from celltrial.safety.grades import Grade
from celltrial.safety.hypogammaglobulinaemia import IggSample, igg_bands, read_igg
from celltrial.safety.infections import InfectionObservation, grade_infection, judge_severe_infection
from celltrial.safety.licats import EXPLANATIONS, flag_licats
from celltrial.safety.terms import ae_terms, find_ae_terms

INFUSION = date(2026, 1, 1)
TREATMENTS = ("none", "local", "oral", "intravenous")
FLAGS = ("invasive_intervention", "hospitalised", "intensive_care", "life_threatening", "death_due_to_infection")
TERMS = ae_terms("5.0")

words = st.sampled_from(("yes", "no", "unknown"))
known = st.sampled_from(("yes", "no"))


def complete(draw: Any, facts: dict[str, str], choices: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {
        name: draw(st.sampled_from(choices.get(name, ("yes", "no")))) if word == "unknown" else word
        for name, word in facts.items()
    }


@given(st.data())
@settings(max_examples=150)
def test_a_completion_of_an_infection_stays_within_what_was_told(data: st.DataObject) -> None:
    facts: dict[str, str] = {"treatment": data.draw(st.sampled_from((*TREATMENTS, "unknown")))}
    facts |= {name: data.draw(words) for name in FLAGS}
    told, severe = _infection(facts)
    whole, whole_severe = _infection(complete(data.draw, facts, {"treatment": TREATMENTS}))
    assert isinstance(whole, Grade)
    if isinstance(told, Grade):
        assert told.value == whole.value
    else:
        low, _, high = told.reason.rpartition("may be ")[2].partition(" to ")
        assert int(low) <= whole.value <= int(high)
    assert severe in ("unknown", whole_severe)
    assert (whole.value >= 3) is (whole_severe == "yes")


@given(st.data())
@settings(max_examples=100)
def test_a_worse_infection_never_grades_lower(data: st.DataObject) -> None:
    facts = {"treatment": data.draw(st.sampled_from(TREATMENTS))} | {name: data.draw(known) for name in FLAGS}
    worse = facts | {data.draw(st.sampled_from(FLAGS)): "yes"}
    first, _ = _infection(facts)
    second, _ = _infection(worse)
    assert isinstance(first, Grade)
    assert isinstance(second, Grade)
    assert first.value <= second.value


def _infection(facts: dict[str, Any]) -> tuple[Grade | NotGradable, str]:
    seen = InfectionObservation(**facts)
    return grade_infection(seen), judge_severe_infection(seen).answer


counts = st.one_of(
    st.integers(0, 12).map(Decimal),
    st.none(),
    st.sampled_from((Blq(Decimal(3)), Blq(Decimal(5)), Blq(Decimal(9)))),
)


@st.composite
def b_cell_courses(draw: st.DrawFn) -> list[tuple[int, Decimal | Blq | None]]:
    days = draw(st.lists(st.integers(0, 60), min_size=1, max_size=7, unique=True))
    return [(day, draw(counts)) for day in sorted(days)]


@given(b_cell_courses(), st.integers(0, 80), st.data())
@settings(max_examples=250)
def test_a_completion_of_b_cell_counts_contradicts_nothing(
    course: list[tuple[int, Decimal | Blq | None]], on: int, data: st.DataObject
) -> None:
    filled = [(day, _fill(data.draw, value)) for day, value in course]
    told = _state(course, on)
    whole = _state(filled, on)
    assert told.state in ("unknown", whole.state)
    episodes = b_cell_episodes(_samples(course), infusion=INFUSION)
    whole_episodes = b_cell_episodes(_samples(filled), infusion=INFUSION)
    onsets = {each.onset for each in whole_episodes}
    backs = {each.recovery for each in whole_episodes}
    for each in episodes:
        if isinstance(each.onset, date):
            assert each.onset in onsets
        if isinstance(each.recovery, date):
            assert each.recovery in backs


def _fill(draw: Any, value: Decimal | Blq | None) -> Decimal:
    if value is None:
        return Decimal(draw(st.integers(0, 12)))
    return Decimal(draw(st.integers(0, int(value.lloq) - 1))) if isinstance(value, Blq) else value


def _samples(course: list[tuple[int, Any]]) -> list[BCellSample]:
    return [BCellSample(on=INFUSION + timedelta(days=day), cells_per_ul=value) for day, value in course]


def _state(course: list[tuple[int, Any]], on: int) -> BCellState:
    return b_cell_state(_samples(course), INFUSION + timedelta(days=on), infusion=INFUSION)


@given(st.one_of(st.none(), st.integers(0, 100), st.integers(1, 100).map(lambda n: Blq(Decimal(n) / 10))), st.data())
@settings(max_examples=150)
def test_a_hidden_or_unclear_igg_is_never_told_milder_or_firmer_than_the_own(value: Any, data: st.DataObject) -> None:
    """The own IgG may lie anywhere under what is shown after a dose."""
    shown = Decimal(value) / 10 if isinstance(value, int) else value
    doses = data.draw(st.sampled_from(((), (INFUSION,))))
    on = INFUSION + timedelta(days=10)
    told = read_igg([IggSample(on=on, igg_g_l=shown)], doses)[0]
    top = 120 if shown is None else int((shown.lloq if isinstance(shown, Blq) else shown) * 10)
    is_exact = isinstance(shown, Decimal) and not doses
    highest = top if isinstance(shown, Decimal) else max(top - 1, 0)
    own = Decimal(top if is_exact else data.draw(st.integers(0, highest))) / 10
    true = read_igg([IggSample(on=on, igg_g_l=own)])[0]
    order = ["normal", *(each.name for each in igg_bands())]
    assert isinstance(true.band, str)
    if isinstance(told.band, str):
        assert told.band == true.band
    if told.at_least is not None:
        assert order.index(told.at_least) <= order.index(true.band)
    assert told.is_low in ("unknown", true.is_low)


@given(st.data())
@settings(max_examples=150)
def test_a_completion_of_a_licats_flag_contradicts_nothing(data: st.DataObject) -> None:
    prior = {organ: data.draw(words) for organ in ("serosa", "lung")}
    why = {name: data.draw(words) for name in EXPLANATIONS}
    states = ("aplasia", "recovered", "unknown")
    state = data.draw(st.sampled_from(states))
    told = _flag(prior, why, state)
    whole = _flag(
        complete(data.draw, prior, {}),
        complete(data.draw, why, {}),
        data.draw(st.sampled_from(states[:2])) if state == "unknown" else state,
    )
    assert whole != "unknown"
    assert told in ("unknown", whole)


def _flag(prior: Any, why: Any, state: Any) -> str:
    found = flag_licats(
        term="Pleural effusion",
        onset=INFUSION + timedelta(days=9),
        infusion=INFUSION,
        prior_organs=prior,
        b_cells_at_onset=BCellState(state=state, reason=""),
        explained_by=why,
    )
    return found.answer


@given(st.sampled_from(TERMS), st.data())
@settings(max_examples=100)
def test_every_name_of_a_term_finds_it_first_or_beside_its_namesakes(entry: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(entry.names))
    shouted = data.draw(st.sampled_from((name, name.upper(), f"  {name} ")))
    assert entry in find_ae_terms(shouted, "5.0")[:3]
