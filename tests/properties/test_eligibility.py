"""Laws of screening over generated candidates: logic, order of facts, facts that do not matter, the empty person."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.eligibility import (
    Basis,
    Coverage,
    Facts,
    Measurement,
    Medication,
    Person,
    Procedure,
    Result,
    Verdict,
)
from celltrial.eligibility.truth import all_of, any_of, implies, negate
from eligibility_people import ALL_QUESTIONS, day, eligible, run

VERDICTS = st.sampled_from(Verdict)
SCREENED = date(2026, 3, 2)
LATER = {"lymphodepletion": "2026-03-20T09:00", "infusion": "2026-03-25T10:00"}


def dates(first: int, last: int) -> st.SearchStrategy[str]:
    """Days from so many to so many before screening (negative: after), some of them known only in part."""
    days = st.integers(last, first).map(lambda n: (SCREENED - timedelta(days=n)).isoformat())
    return st.one_of(days, days.map(lambda text: text[:7]), days.map(lambda text: f"{text}T08:15"))


ANALYTES = {
    "hemoglobin": ("g/L", "g/dL", ""),
    "neutrophils": ("10*9/L",),
    "alt": ("U/L",),
    "creatinine": ("umol/L", "mg/dL"),
    "weight": ("kg",),
    "inr": ("1", ""),
    "ana": ("",),
    "spo2": ("%",),
}


@st.composite
def measurements(draw: st.DrawFn, first: int = 40, last: int = -5) -> Measurement:
    analyte = draw(st.sampled_from(sorted(ANALYTES)))
    comparator = draw(st.sampled_from(["", "", "", "<", ">="]))
    value = draw(st.sampled_from(["0", "0.5", "1", "1.2", "6", "12", "55", "60", "70", "92", "98", "176.8", "x"]))
    return Measurement(
        analyte=analyte,
        value=comparator + value if value != "x" else draw(st.sampled_from(["positive", "negative", "see report"])),
        unit=draw(st.sampled_from(ANALYTES[analyte])),
        uln=draw(st.sampled_from(["", "1.2", "40", "80"])),
        collected=day(draw(dates(first, last))),
        method=draw(st.sampled_from(["", "pulse_oximeter"])),
        condition=draw(st.sampled_from(["", "room_air"])),
        event=draw(st.integers(100, 999)),
    )


@st.composite
def medications(draw: st.DrawFn) -> Medication:
    name, group = draw(
        st.sampled_from(
            [
                ("prednisone", "glucocorticoid"),
                ("methylprednisolone", "glucocorticoid"),
                ("azathioprine", "immunosuppressant"),
                ("filgrastim", "growth_factor_g"),
            ]
        )
    )
    ended = draw(st.one_of(st.none(), dates(60, -5)))
    return Medication(
        drug=name,
        drug_class=group,
        dose=draw(st.sampled_from(["5", "7.5", "20", ""])),
        unit="mg",
        per_day=draw(st.sampled_from(["1", "0.5"])),
        route=draw(st.sampled_from(["oral", ""])),
        start=day(draw(dates(200, 0))),
        ended=day(ended) if ended else None,
        ongoing=ended is None,
    )


@st.composite
def candidates(draw: st.DrawFn) -> Facts:
    """Anybody: from hardly anything known to a full record, right and wrong values mixed."""
    full = eligible()
    return Facts(
        person=draw(st.sampled_from([Person(), full.person, replace(full.person, sex="M")])),
        measurements=(
            *draw(st.sampled_from([(), full.measurements])),
            *draw(st.lists(measurements(), max_size=4)),
        ),
        medications=(
            *draw(st.sampled_from([(), full.medications])),
            *draw(st.lists(medications(), max_size=2)),
        ),
        conditions=draw(st.sampled_from([(), full.conditions])),
        procedures=tuple(
            Procedure(procedure="red_cell_transfusion", start=day(each))
            for each in draw(st.lists(dates(40, -5), max_size=1))
        ),
        attestations=draw(st.sampled_from([(), full.attestations, full.attestations[:2]])),
        judgements=draw(st.sampled_from([(), full.judgements])),
        scores=draw(st.sampled_from([(), full.scores])),
        coverage=draw(st.sampled_from([(), full.coverage])),
    )


def leaves(results: tuple[Result, ...]) -> Iterator[Result]:
    for each in results:
        if each.children:
            yield from leaves(each.children)
        else:
            yield each


def verdicts(facts: Facts, **kwargs: object) -> dict[str, str]:
    screening = run(facts, **kwargs)  # type: ignore[arg-type]  # passed on as they are
    return {each.id: each.words for each in leaves(screening.results)}


@given(VERDICTS, VERDICTS, VERDICTS)
def test_connectives_keep_kleenes_laws(a: Verdict, b: Verdict, c: Verdict) -> None:
    """Commutative, associative, distributive, absorbing, De Morgan, double negation; implication from them."""
    assert all_of((a, b)) is all_of((b, a))
    assert all_of((a, all_of((b, c)))) is all_of((all_of((a, b)), c))
    assert all_of((a, any_of((b, c)))) is any_of((all_of((a, b)), all_of((a, c))))
    assert all_of((a, any_of((a, b)))) is a
    assert negate(all_of((a, b))) is any_of((negate(a), negate(b)))
    assert negate(negate(a)) is a
    assert implies(a, b) is any_of((negate(a), b))


@given(st.lists(VERDICTS, max_size=5), st.integers(0, 4), VERDICTS)
def test_knowing_more_never_takes_back_a_decision(parts: list[Verdict], n: int, known: Verdict) -> None:
    """Replacing an unknown part by any answer keeps what was already decided (monotone in knowledge)."""
    if n >= len(parts) or parts[n] is not Verdict.UNKNOWN:
        return
    more = [*parts[:n], known, *parts[n + 1 :]]
    for combine in (all_of, any_of):
        if combine(parts) is not Verdict.UNKNOWN:
            assert combine(more) is combine(parts)


@settings(max_examples=60)
@given(candidates(), st.randoms(use_true_random=False))
def test_order_of_the_record_does_not_matter(facts: Facts, shuffler: random.Random) -> None:
    """The same facts in any order give the same screening, reasons and all."""

    def mixed(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(shuffler.sample(items, len(items)))

    other = replace(facts, measurements=mixed(facts.measurements), coverage=mixed(facts.coverage))  # type: ignore[arg-type]  # the same items
    assert verdicts(other) == verdicts(facts)
    assert run(other).verdict == run(facts).verdict


@settings(max_examples=60)
@given(candidates(), measurements(first=400, last=100))
def test_a_result_long_before_every_window_changes_nothing(facts: Facts, old: Measurement) -> None:
    """No window of the file reaches back 100 days for a measurement."""
    assert verdicts(replace(facts, measurements=(*facts.measurements, old))) == verdicts(facts)


@settings(max_examples=60)
@given(candidates(), measurements())
def test_a_result_touches_only_the_leaves_of_its_analyte(facts: Facts, new: Measurement) -> None:
    """A new result changes no leaf but those that look at it."""
    looks_at = {
        "hemoglobin": {"I10c"},
        "neutrophils": {"I10b"},
        "alt": {"I10d"},
        "creatinine": {"I10a"},
        "weight": {"I10a"},
        "inr": {"I10g.1"},
        "ana": {"I07a"},
        "spo2": {"I10h"},
    }[new.analyte]
    before, after = verdicts(facts), verdicts(replace(facts, measurements=(*facts.measurements, new)))
    assert {leaf for leaf in before if before[leaf] != after[leaf]} <= looks_at


@settings(max_examples=60)
@given(
    candidates(),
    st.sampled_from(["8.0", "9.5", "11.2", "61", "250"]),
    dates(60, -10).filter(lambda text: len(text) > 7),
)
def test_a_clean_result_never_makes_a_decided_leaf_unknown(facts: Facts, value: str, on: str) -> None:
    """By policy `worst`, a dated, readable haemoglobin with its unit decides or leaves as it was: never "unknown"."""
    facts = replace(
        facts, coverage=(Coverage(covers_from=day("2024-01-01"), covers_to=day("2026-12-31")),), procedures=()
    )
    unit = "g/L" if float(value) > 20 else "g/dL"
    new = Measurement(analyte="hemoglobin", value=value, unit=unit, collected=day(on), event=1000)
    before, after = verdicts(facts)["I10c"], verdicts(replace(facts, measurements=(*facts.measurements, new)))["I10c"]
    dated = all(
        len(each.collected.text) > 7 for each in facts.measurements if each.collected and each.analyte == "hemoglobin"
    )
    if before != "unknown" and dated:
        assert after != "unknown"


@settings(max_examples=60)
@given(candidates(), st.sampled_from(sorted(["screening", "lymphodepletion", "infusion"])))
def test_answered_questions_only_ever_decide(facts: Facts, stage: str) -> None:
    """Answering questions never takes back a verdict, and with open ones nobody is eligible."""
    with_open = run(facts, answered=frozenset(), stage=stage, anchors=LATER)
    closed = run(facts, answered=ALL_QUESTIONS, stage=stage, anchors=LATER)
    assert with_open.verdict != "eligible"
    for one, other in zip(with_open.results, closed.results, strict=True):
        if one.verdict is not Verdict.UNKNOWN:
            assert other.words == one.words


@settings(max_examples=80)
@given(candidates(), st.sampled_from(["screening", "lymphodepletion", "infusion"]))
def test_a_screening_hangs_together(facts: Facts, stage: str) -> None:
    """Unknown has a reason and no basis, the decided have a basis and no need; the overall verdict follows."""
    screening = run(facts, stage=stage, anchors=LATER)
    for each in leaves(screening.results):
        assert (each.verdict is Verdict.UNKNOWN) == bool(each.unknown)
        assert (each.basis is None) == (each.verdict is Verdict.UNKNOWN)
        assert each.reasons
    for top in screening.results:
        if top.is_due:
            assert bool(top.needs) == (top.verdict is Verdict.UNKNOWN)
    due = [each.verdict for each in screening.results if each.is_due]
    expected = {1: "eligible", 0: "unknown", -1: "not eligible"}[min(due)]
    assert screening.verdict == expected


@settings(max_examples=40)
@given(st.sampled_from(["screening", "lymphodepletion", "infusion"]), st.booleans(), st.sampled_from(["F", "M", None]))
def test_the_empty_person_meets_nothing(stage: str, has_anchors: bool, sex: str | None) -> None:
    """Nothing known: never met as a whole, nor on any criterion but as "not applicable"."""
    facts = Facts(person=Person(sex="F" if sex == "F" else "M" if sex == "M" else None))
    screening = run(facts, stage=stage, anchors=LATER if has_anchors else {})
    assert screening.verdict == "unknown"
    assert all(each.verdict is not Verdict.MET or each.basis is Basis.NOT_APPLICABLE for each in screening.results)


@settings(max_examples=30)
@given(dates(400, 0), dates(400, -20))
def test_silence_is_never_presumed_outside_the_review(first: str, last: str) -> None:
    """ "Presumed" appears only where the review surely covers the two weeks before screening."""
    facts = Facts(coverage=(Coverage(covers_from=day(first), covers_to=day(last)),))
    covered = day(first).latest.date() <= SCREENED - timedelta(days=14) and day(last).earliest.date() >= SCREENED
    assert (verdicts(facts)["I03a"] == "not met") == covered
