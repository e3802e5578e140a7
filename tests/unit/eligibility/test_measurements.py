"""Leaves on measurements, each boundary by hand; over 400 lines because the boundary tables stand beside their leaf."""

from dataclasses import replace

import pytest

from celltrial.eligibility import Coverage, Facts, Measurement, Person, Procedure
from eligibility_people import day, drug, eligible, lab, result, run, with_lab

HB = "{lab: hemoglobin, at_least: 60 g/L}"


def verdict(yaml: str, *measurements: Measurement, **facts: object) -> str:
    return result(yaml, Facts(measurements=measurements, **facts)).words  # type: ignore[arg-type]


def why(yaml: str, *measurements: Measurement, **facts: object) -> list[str]:
    return [each.why.value for each in result(yaml, Facts(measurements=measurements, **facts)).unknown]  # type: ignore[arg-type]


def block(leaf: str) -> str:
    """A flow mapping as the one part of a criterion."""
    return f"all:\n  - {leaf}"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("60", "g/L", "met"),
        ("59.99", "g/L", "not met"),
        ("6.0", "g/dL", "met"),  # the limit in the other unit
        ("5.99", "g/dL", "not met"),
        ("12", "g/dL", "met"),
        ("96", "g/dL", "unknown"),  # a value in g/L with the unit of the other: no living adult has it
        ("9.6", "g/L", "unknown"),  # and the other way round
        ("60", "", "unknown"),  # no unit is assumed
        ("60", "U/L", "unknown"),
        ("sixty", "g/L", "unknown"),
        ("<60", "g/L", "not met"),
        ("<=60", "g/L", "unknown"),
        (">60", "g/L", "met"),
        (">=60", "g/L", "met"),
        (">50", "g/L", "unknown"),
        ("<100", "g/L", "unknown"),
    ],
)
def test_limit_in_a_unit(value: str, unit: str, expected: str) -> None:
    """At least 60 g/L is closed, converts exactly, and a comparator that straddles it leaves it open."""
    assert verdict(block(HB), lab("hemoglobin", value, unit)) == expected


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        ("60", "", "unit missing or not convertible"),
        ("60", "U/L", "unit missing or not convertible"),
        ("sixty", "g/L", "value not readable"),
        ("96", "g/dL", "value not possible"),
        ("<100", "g/L", "comparator straddles the limit"),
    ],
)
def test_reason_for_unknown(value: str, unit: str, reason: str) -> None:
    """Each way of not knowing says which it is."""
    assert why(block(HB), lab("hemoglobin", value, unit)) == [reason]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-02-02", "met"),
        ("2026-02-01", "unknown"),
        ("2026-03-02T23:00", "met"),
        ("2026-03-03", "unknown"),
        ("2026-02", "unknown"),
        ("2026", "unknown"),
    ],
)
def test_window_is_closed_at_both_ends(on: str, expected: str) -> None:
    """28 days before 2 March 2026 is 2 February; the day of screening counts whole; a month alone leaves it open."""
    assert verdict(block(HB), lab("hemoglobin", "100", "g/L", on=on)) == expected


def test_outside_the_window_shows_value_and_age() -> None:
    """The nearest result outside the window is named with its distance, and the window is marked as the default."""
    found = result(block(HB), Facts(measurements=(lab("hemoglobin", "100", "g/L", on="2026-01-01"),)))
    assert found.reasons == (
        "I01.1: outside window: hemoglobin 100 g/L on 2026-01-01, 60 days before screening; "
        "window 28 days before screening (default)",
    )


def test_the_latest_counts_and_not_the_best() -> None:
    """A later, worse result replaces an earlier one whatever their order in the record."""
    early, late = lab("hemoglobin", "100", "g/L", on="2026-02-10"), lab("hemoglobin", "50", "g/L", on="2026-02-20")
    assert verdict(block(HB), early, late) == verdict(block(HB), late, early) == "not met"


@pytest.mark.parametrize(
    ("leaf", "values", "expected"),
    [
        (HB, ("55", "70"), "not met"),
        ("{lab: alt, at_most: 2 x ULN}", ("70", "90"), "not met"),
        ("{lab: hemoglobin, at_least: 60 g/L, same_day: latest}", ("55", "70"), "met"),
        ("{lab: hemoglobin, at_least: 60 g/L, same_day: agree}", ("55", "70"), "unknown"),
        ("{lab: hemoglobin, at_least: 60 g/L, same_day: agree}", ("65", "70"), "met"),
    ],
)
def test_two_results_of_one_day(leaf: str, values: tuple[str, str], expected: str) -> None:
    """The worst for the direction of the limit; or the later; or none where they disagree."""
    analyte, unit = ("alt", "U/L") if "alt" in leaf else ("hemoglobin", "g/L")
    first = lab(analyte, values[0], unit, uln="40", on="2026-03-01T08:00", event=1)
    second = lab(analyte, values[1], unit, uln="40", on="2026-03-01T16:00", event=2)
    assert verdict(block(leaf), first, second) == verdict(block(leaf), second, first) == expected


def test_conflict_has_its_own_reason() -> None:
    """`same_day: agree` says that the day's results conflict."""
    leaf = "{lab: hemoglobin, at_least: 60 g/L, same_day: agree}"
    two = lab("hemoglobin", "55", "g/L", on="2026-03-01"), lab("hemoglobin", "70", "g/L", on="2026-03-01")
    assert why(block(leaf), *two) == ["conflicting same-day values"]


def test_a_same_day_result_that_cannot_be_read_is_not_better_than_the_other() -> None:
    """The worst of a met result and one without a unit is not known."""
    two = lab("hemoglobin", "55", ""), lab("hemoglobin", "70", "g/L")
    assert verdict(block(HB), *two) == "unknown"


def test_a_result_known_to_the_month_may_be_the_latest() -> None:
    """It leaves the verdict open only where it would change it."""
    dated = lab("hemoglobin", "70", "g/L", on="2026-02-20")
    assert verdict(block(HB), dated, lab("hemoglobin", "50", "g/L", on="2026-02")) == "unknown"
    assert verdict(block(HB), dated, lab("hemoglobin", "80", "g/L", on="2026-02")) == "met"
    assert verdict(block(HB), dated, lab("hemoglobin", "50", "g/L", on="2026-01")) == "met"
    undated = replace(lab("hemoglobin", "50", "g/L"), collected=None)
    assert verdict(block(HB), dated, undated) == "unknown"
    assert why(block(HB), undated) == ["date too coarse"]


ALT = "{lab: alt, at_most: 2 x ULN}"


@pytest.mark.parametrize(
    ("value", "uln", "expected"),
    [
        ("80", "40", "met"),  # exactly 2 x ULN
        ("80.1", "40", "not met"),
        ("81.0", "40.5", "met"),
        ("80", "", "unknown"),
        ("80", "0", "unknown"),
        ("80", "-", "unknown"),
        ("<10", "40", "met"),
        (">80", "40", "not met"),
        (">=80", "40", "unknown"),
    ],
)
def test_multiple_of_the_upper_limit(value: str, uln: str, expected: str) -> None:
    """The result's own upper limit; without one there is no verdict."""
    assert verdict(block(ALT), lab("alt", value, "U/L", uln=uln)) == expected


def test_no_upper_limit_says_so() -> None:
    """`no ULN` is the reason, and the next step names the laboratory's limit."""
    found = result(block(ALT), Facts(measurements=(lab("alt", "22", "U/L"),)))
    assert [each.why.value for each in found.unknown] == ["no ULN"]
    assert str(found.needs[0]).startswith(
        "I01.1: in the chart: alt: enter the laboratory's upper limit of normal for this result"
    )


@pytest.mark.parametrize(
    ("value", "uln", "positive", "negative"),
    [
        ("positive", "", "met", "not met"),
        ("Negative", "", "not met", "met"),
        ("阳性", "", "met", "not met"),
        ("1:160", "80", "met", "not met"),
        ("1:80", "1:80", "met", "not met"),  # at the cut-off is positive
        ("1:40", "80", "not met", "met"),
        ("29", "30", "not met", "met"),
        ("<5", "5", "not met", "met"),
        (">200", "30", "met", "not met"),
        ("<50", "30", "unknown", "unknown"),
        ("120", "", "unknown", "unknown"),
        ("borderline", "30", "unknown", "unknown"),
    ],
)
def test_positive_and_negative(value: str, uln: str, positive: str, negative: str) -> None:
    """The laboratory's word, or the number against the laboratory's own cut-off; never a cut-off of ours."""
    result_row = lab("ana", value, uln=uln)
    assert verdict(block("{lab: ana, is: positive}"), result_row) == positive
    assert verdict(block("{lab: ana, is: negative}"), result_row) == negative


HCG = "{lab: hcg_serum, is: negative, within: 48 hours before lymphodepletion}"


@pytest.mark.parametrize(
    ("collected", "started", "expected"),
    [
        ("2026-03-18T08:00", "2026-03-20T08:00", "met"),  # 48 hours to the minute
        ("2026-03-18T07:59", "2026-03-20T08:00", "unknown"),
        ("2026-03-20T08:00", "2026-03-20T08:00", "met"),
        ("2026-03-20T08:01", "2026-03-20T08:00", "unknown"),
        ("2026-03-19", "2026-03-20T08:00", "met"),  # any time of that day is inside
        ("2026-03-18", "2026-03-20T08:00", "unknown"),
        ("2026-03-19T10:00", "2026-03-20", "met"),  # inside whatever the hour of the start
        ("2026-03-20T08:00", "2026-03-20", "unknown"),  # may have been after the start
    ],
)
def test_forty_eight_hours(collected: str, started: str, expected: str) -> None:
    """Hours are elapsed time to the minute and need times; a date alone decides only where every hour of it would."""
    facts = Facts(measurements=(lab("hcg_serum", "negative", on=collected),))
    assert result(block(HCG), facts, anchors={"lymphodepletion": started}).words == expected


def test_hours_before_a_visit_include_its_day() -> None:
    """The screening visit lasts the day: a sample on it belongs to it, one 48 hours before its end does not surely."""
    leaf = block("{lab: hcg_serum, is: negative, within: 48 hours before screening}")
    assert verdict(leaf, lab("hcg_serum", "negative", on="2026-03-02T09:00")) == "met"
    assert verdict(leaf, lab("hcg_serum", "negative", on="2026-03-01T00:00")) == "met"
    assert verdict(leaf, lab("hcg_serum", "negative", on="2026-02-28T12:00")) == "unknown"
    assert verdict(leaf, lab("hcg_serum", "negative", on="2026-03-03T00:00")) == "unknown"


SPO2 = "{lab: spo2, at_least: 92 %, when_breathing: room_air, method: pulse_oximeter}"


@pytest.mark.parametrize(
    ("value", "condition", "method", "expected"),
    [
        ("92", "room_air", "pulse_oximeter", "met"),
        ("91.9", "room_air", "pulse_oximeter", "not met"),
        ("98", "supplemental_oxygen", "pulse_oximeter", "unknown"),
        ("98", "room_air", "blood_gas", "unknown"),
        ("98", "", "pulse_oximeter", "unknown"),
    ],
)
def test_circumstances_of_a_measurement(value: str, condition: str, method: str, expected: str) -> None:
    """Only room air by pulse oximeter qualifies; not recorded is not room air."""
    assert verdict(block(SPO2), lab("spo2", value, "%", condition=condition, method=method)) == expected


def test_circumstances_not_recorded_have_their_own_reason() -> None:
    """Blank is "not recorded"; oxygen is "none measured as asked"."""
    assert why(block(SPO2), lab("spo2", "98", "%", method="pulse_oximeter")) == [
        "circumstances of the measurement not recorded"
    ]
    found = result(block(SPO2), Facts(measurements=(lab("spo2", "98", "%", condition="supplemental_oxygen"),)))
    assert found.reasons[0] == (
        "I01.1: no record: spo2: 1 result(s), none measured as asked; window 28 days before screening (default)"
    )


NOT_TRANSFUSED = """
lab: hemoglobin
at_least: 60 g/L
not_during:
  procedure: red_cell_transfusion
  within: 7 days before sample
  silence: {means: none, if: under_observation}
"""
CHART = (Coverage(covers_from=day("2026-01-01"), covers_to=day("2026-03-02")),)


def transfused(on: str) -> tuple[Procedure, ...]:
    return (Procedure(procedure="red_cell_transfusion", start=day(on), event=9),)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-03-01", "not met"),
        ("2026-02-22", "not met"),
        ("2026-02-21", "met"),
        ("2026-03-02", "met"),
        ("2026-02", "unknown"),
    ],
)
def test_a_transfusion_before_the_sample_fails_it(on: str, expected: str) -> None:
    """Within 7 days before the qualifying sample (1 March), both ends included; after it does not matter."""
    facts = Facts(
        measurements=(lab("hemoglobin", "70", "g/L", on="2026-03-01"),), procedures=transfused(on), coverage=CHART
    )
    assert result(NOT_TRANSFUSED, facts).words == expected


def test_a_low_value_fails_with_or_without_transfusion() -> None:
    """Help from a transfusion is asked about only where the value reaches the limit."""
    facts = Facts(measurements=(lab("hemoglobin", "50", "g/L"),))
    assert result(NOT_TRANSFUSED, facts).words == "not met"


def test_silence_about_transfusions_counts_only_under_observation() -> None:
    """Without a review of the chart a transfusion cannot be ruled out; with one, its absence is presumed."""
    bare = Facts(measurements=(lab("hemoglobin", "70", "g/L"),))
    assert result(NOT_TRANSFUSED, bare).words == "unknown"
    assert [each.why.value for each in result(NOT_TRANSFUSED, bare).unknown] == ["chart does not cover the window"]
    reviewed = result(NOT_TRANSFUSED, replace(bare, coverage=CHART))
    assert (reviewed.words, reviewed.basis and reviewed.basis.value) == ("met", "presumed")


def test_growth_factor_is_a_drug_that_lasts() -> None:
    """A course that ends inside the 7 days fails the neutrophils; one that ended before does not."""
    leaf = NOT_TRANSFUSED.replace("hemoglobin", "neutrophils").replace("60 g/L", "1.0 10*9/L")
    leaf = leaf.replace("procedure: red_cell_transfusion", "drug: growth_factor_g")
    facts = Facts(measurements=(lab("neutrophils", "1.0", "10*9/L"),), coverage=CHART)
    given = drug("filgrastim", "growth_factor_g", "300", start="2026-02-10", ended="2026-02-23")
    assert result(leaf, replace(facts, medications=(given,))).words == "not met"
    assert result(leaf, replace(facts, medications=(replace(given, ended=day("2026-02-22")),))).words == "met"


def test_lab_verdict_expires_with_its_window() -> None:
    """Sample date plus 28 days is the last day on which it is not too old; events are kept."""
    found = run(with_lab(eligible(), lab("hemoglobin", "100", "g/L", on="2026-02-10", event=77))).result("I10c")
    assert found.expires is not None
    assert found.expires.isoformat() == "2026-03-10"
    assert 77 in found.source_events


CLEARANCE = """
derived: creatinine_clearance_cockcroft_gault
at_least: 50 mL/min
inputs:
  weight: {within: 30 days before screening}
"""


def clearance(creatinine: str, unit: str, *, weight: str = "72", sex: str = "M", birth: str = "1985-06-01") -> str:
    facts = Facts(
        person=Person(birth=day(birth), sex="M" if sex == "M" else "F"),
        measurements=(lab("creatinine", creatinine, unit), lab("weight", weight, "kg")),
    )
    return result(CLEARANCE, facts).words


@pytest.mark.parametrize(
    ("creatinine", "unit", "expected"),
    [
        ("2", "mg/dL", "met"),  # (140 - 40) x 72 / (72 x 2) = 50 exactly
        ("2.0001", "mg/dL", "not met"),
        ("176.8", "umol/L", "met"),  # 2 x 88.4
        ("176.81", "umol/L", "not met"),
        ("0.1768", "mmol/L", "met"),
        ("<1", "mg/dL", "met"),
        ("<3", "mg/dL", "unknown"),
        ("176.8", "", "unknown"),
        ("0", "umol/L", "unknown"),  # a missing value stored as 0
    ],
)
def test_cockcroft_gault_at_fifty(creatinine: str, unit: str, expected: str) -> None:
    """A man of 40 with 72 kg has 100/creatinine mL/min: the limit is closed and compared unrounded."""
    assert clearance(creatinine, unit) == clearance(creatinine, unit, birth="1985-03-03") == expected


def test_cockcroft_gault_for_women_and_completed_years() -> None:
    """The factor 0.85, and the age on the day of the sample: 40 until the day before the birthday."""
    assert clearance("2", "mg/dL", sex="F") == "not met"
    assert clearance("1.7", "mg/dL", sex="F") == "met"  # 100 x 0.85 / 1.7 = 50
    assert clearance("2", "mg/dL", birth="1985-03-02") == "not met"  # 41 on the day
    assert clearance("2", "mg/dL", birth="1985-03") == "unknown"  # 40 or 41
    assert clearance("2", "mg/dL", birth="1990") == "met"


def test_cockcroft_gault_names_every_missing_input() -> None:
    """Sex, birth date, creatinine and weight are each asked for."""
    found = result(CLEARANCE, Facts())
    assert [each.why.value for each in found.unknown] == ["no record"] * 4
    assert [need.unknown.cost.words for need in found.needs] == [
        "in the chart", "in the chart", "measure at the bedside", "blood draw",
    ]  # fmt: skip


def test_cockcroft_gault_shows_the_value() -> None:
    """The computed value stands in the reason, unrounded enough to be seen at the limit."""
    assert "creatinine clearance 95.714 mL/min (Cockcroft-Gault: age 33, F, weight 60 kg" in " ".join(
        run(eligible()).result("I10a").reasons
    )


def test_worst_of_a_day_counts_for_each_input() -> None:
    """The higher creatinine and the lower weight of the day are taken."""
    facts = eligible()
    two = with_lab(facts, lab("creatinine", "70", "umol/L"), lab("creatinine", "160", "umol/L"))
    assert run(two).result("I10a").words == "not met"


def test_hydration_in_the_day_before_fails_clearance() -> None:
    """Intravenous hydration within 24 hours before the sample: to the minute where times are known."""
    facts = with_lab(eligible(), lab("creatinine", "70", "umol/L", on="2026-03-02T08:00"))

    def given(start: str, end: str) -> str:
        done = Procedure(procedure="intravenous_hydration", start=day(start), ended=day(end))
        return run(replace(facts, procedures=(done,))).result("I10a").words

    assert given("2026-03-01T07:00", "2026-03-01T08:00") == "not met"
    assert given("2026-03-01T06:00", "2026-03-01T07:59") == "met"
    assert given("2026-03-01", "2026-03-01") == "unknown"


def test_a_later_reading_of_unknown_circumstances_may_or_may_not_count() -> None:
    """After one on room air: the verdict holds where both say the same, else it is open."""
    sure = lab("spo2", "95", "%", condition="room_air", method="pulse_oximeter", on="2026-02-20")
    assert verdict(block(SPO2), sure, lab("spo2", "98", "%", method="pulse_oximeter")) == "met"
    assert verdict(block(SPO2), sure, lab("spo2", "90", "%", method="pulse_oximeter")) == "unknown"
