"""Leaves on the course of the disease and on treatment: durations, gaps, doses, stability, silence."""

from dataclasses import replace

import pytest

from celltrial.eligibility import ClinicalFinding, Condition, Coverage, Facts, Medication
from eligibility_people import day, drug, eligible, result, run

FIRST = "condition: sle\nfirst: at least 6 months before screening"
CHART = (Coverage(covers_from=day("2025-01-01"), covers_to=day("2026-03-02")),)


def sle(onset: str) -> Facts:
    return Facts(conditions=(Condition(code="sle", onset=day(onset) if onset else None, status="ongoing"),))


@pytest.mark.parametrize(
    ("onset", "screened", "expected"),
    [
        ("2025-09-02", "2026-03-02", "met"),
        ("2025-09-03", "2026-03-02", "not met"),
        ("2025-02-28", "2025-08-31", "met"),  # six months before 31 August is the last of February
        ("2025-03-01", "2025-08-31", "not met"),
        ("2024-02-29", "2024-08-31", "met"),  # a leap year
        ("2025-08", "2026-03-02", "met"),  # any day of August 2025 is early enough
        ("2025-09", "2026-03-02", "unknown"),
        ("2025-10", "2026-03-02", "not met"),
        ("2025", "2026-03-02", "unknown"),
        ("", "2026-03-02", "unknown"),
    ],
)
def test_six_months_of_history(onset: str, screened: str, expected: str) -> None:
    """Calendar months from the anchor, clamped to the end of the month; incomplete dates only where all days agree."""
    assert result(FIRST, sle(onset), anchors={"screening": screened}).words == expected


def test_earliest_onset_counts() -> None:
    """A second, later entry of the disease does not shorten the history; nothing recorded is unknown."""
    two = Facts(conditions=(*sle("2026-01-01").conditions, *sle("2020-01-01").conditions))
    assert result(FIRST, two).words == "met"
    assert [each.why.value for each in result(FIRST, Facts()).unknown] == ["no record"]


NO_INFECTION = """
silence: {means: none, if: under_observation}
none_of:
  - {condition: systemic_infection, active: 2 weeks before screening}
  - {drug: anti_infective_systemic, given: 2 weeks before screening, weight: hint}
"""


def infection(onset: str, ended: str = "", status: str = "resolved") -> tuple[Condition, ...]:
    assert status in ("ongoing", "resolved")
    end = day(ended) if ended else None
    state = "ongoing" if status == "ongoing" else "resolved"
    return (Condition(code="systemic_infection", onset=day(onset), ended=end, status=state, event=5),)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (infection("2026-01-10", "2026-02-16"), "not met"),  # 14 days before screening, still inside
        (infection("2026-01-10", "2026-02-15"), "met"),
        (infection("2026-01-10", status="ongoing"), "not met"),
        (infection("2026-01-10"), "unknown"),  # resolved, nobody says when
        (infection("2026-01-10", "2026-02"), "unknown"),
        (infection("2026-03-03", "2026-03-04"), "met"),  # after screening: another window's matter
        ((), "met"),
    ],
)
def test_infection_in_the_two_weeks_before(condition: tuple[Condition, ...], expected: str) -> None:
    """Fourteen days before the screening day, both ends closed; the chart covers the window."""
    assert result(NO_INFECTION, Facts(conditions=condition, coverage=CHART)).words == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-02-16", "2026-03-02", "met"),
        ("2026-02-17", "2026-03-02", "unknown"),
        ("2026-02-16", "2026-03-01", "unknown"),
        ("2026-02", "2026-03-02", "unknown"),
    ],
)
def test_silence_counts_only_where_the_chart_covers_the_whole_window(first: str, last: str, expected: str) -> None:
    """One day short of the window and silence means nothing."""
    coverage = (Coverage(covers_from=day(first), covers_to=day(last)),)
    found = result(NO_INFECTION, Facts(coverage=coverage))
    assert found.words == expected
    assert (found.basis.value if found.basis else None) == ("presumed" if expected == "met" else None)


def test_two_reviews_that_touch_cover_together() -> None:
    """Reviews join where one begins on the day after the other ends, in any order of the record."""
    late = Coverage(covers_from=day("2026-02-21"), covers_to=day("2026-03-02"), event=2)
    early = Coverage(covers_from=day("2026-02-01"), covers_to=day("2026-02-20"), event=1)
    assert result(NO_INFECTION, Facts(coverage=(late, early))).words == "met"
    gap = replace(early, covers_to=day("2026-02-19"))
    assert result(NO_INFECTION, Facts(coverage=(late, gap))).words == "unknown"


def test_a_hint_raises_a_question_and_decides_nothing() -> None:
    """An anti-infective drug in the window is shown; the verdict stays what the conditions make it."""
    given = drug("levofloxacin", "anti_infective_systemic", "500", start="2026-02-20", event=8)
    found = result(NO_INFECTION, Facts(coverage=CHART, medications=(given,)))
    assert found.words == "met"
    assert any(reason.startswith("to ask about (I01.2): anti infective systemic") for reason in found.reasons)


THERAPY = "therapy: glucocorticoid\nfor: at least 3 months\nup_to: screening\ngap: 14 days"


def steroids(*spans: tuple[str, str]) -> Facts:
    return Facts(medications=tuple(drug("prednisone", "glucocorticoid", "10", start=a, ended=b) for a, b in spans))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([("2025-12-02", "")], "met"),  # three calendar months to 2 March
        ([("2025-12-03", "")], "not met"),
        ([("2025-10-01", "2026-01-10"), ("2026-01-25", "")], "met"),  # 14 days without, 11 to 24 January
        ([("2025-10-01", "2026-01-10"), ("2026-01-26", "")], "not met"),
        ([("2026-01-25", ""), ("2025-10-01", "2026-01-10")], "met"),
        ([("2025-10-01", "2026-02-16")], "met"),  # 14 days without up to screening
        ([("2025-10-01", "2026-02-15")], "not met"),
        ([("2025-10-01", "2026-02-01"), ("2025-10-01", "2025-11-01")], "not met"),
        ([("2025-12", "")], "unknown"),
        ([("2025-11", "")], "met"),
        ([("2026-03-05", "")], "not met"),
    ],
)
def test_three_months_of_therapy(spans: list[tuple[str, str]], expected: str) -> None:
    """Courses join over gaps of up to 14 days without drug, also before the anchor; months are the calendar's."""
    assert result(THERAPY, steroids(*spans)).words == expected


def test_no_drug_on_record_is_not_no_drug() -> None:
    """Open world: unknown; closed where the criterion says so and the chart covers the span."""
    closed = f"{THERAPY}\nsilence: {{means: none, if: under_observation}}"
    assert result(THERAPY, Facts(coverage=CHART)).words == "unknown"
    assert result(closed, Facts()).words == "unknown"
    found = result(closed, Facts(coverage=CHART))
    assert (found.words, found.basis and found.basis.value) == ("not met", "presumed")


def test_a_course_without_an_end_that_is_not_ongoing() -> None:
    """Its end is not known, so whether it lasted is not either."""
    course = replace(steroids(("2025-06-01", "")).medications[0], ongoing=False)
    assert result(THERAPY, Facts(medications=(course,))).words == "unknown"


def test_route_matters_where_asked() -> None:
    """An inhaled steroid is no systemic therapy; a route that is not recorded leaves it open."""
    leaf = f"{THERAPY}\nroutes: [oral, intravenous]"
    course = steroids(("2025-06-01", "")).medications[0]
    assert result(leaf, Facts(medications=(replace(course, route="inhaled"),))).words == "unknown"
    assert result(leaf, Facts(medications=(replace(course, route=""),))).words == "unknown"
    assert result(leaf, Facts(medications=(course,))).words == "met"


ALONE = f"{THERAPY}\nwithout: [immunosuppressant, biologic_sle]\nsilence: {{means: none, if: under_observation}}"


@pytest.mark.parametrize(
    ("ended", "expected"), [("2025-12-02", "not met"), ("2025-12-01", "met"), ("2025-12", "unknown"), ("", "not met")]
)
def test_steroid_alone(ended: str, expected: str) -> None:
    """No other class on any day of the three months, both ends included."""
    other = drug("azathioprine", "immunosuppressant", "50", start="2025-01-01", ended=ended)
    facts = Facts(medications=(*steroids(("2025-06-01", "")).medications, other), coverage=CHART)
    assert result(ALONE, facts).words == expected


def test_steroid_alone_needs_the_chart() -> None:
    """That nothing else was taken is presumed under observation, else unknown."""
    facts = steroids(("2025-06-01", ""))
    assert [each.why.value for each in result(ALONE, facts).unknown] == ["chart does not cover the window"]
    found = result(ALONE, replace(facts, coverage=CHART))
    assert (found.words, found.basis and found.basis.value) == ("met", "presumed")


DOSE = "daily_dose: glucocorticoid\nas: prednisone\nat_least: 7.5 mg/day\nat: screening\nroutes: [oral]"


@pytest.mark.parametrize(
    ("name", "dose", "unit", "per_day", "expected"),
    [
        ("prednisone", "7.5", "mg", "1", "met"),
        ("prednisone", "7.4", "mg", "1", "not met"),
        ("prednisone", "15", "mg", "0.5", "met"),  # every other day
        ("prednisone", "10", "mg", "0.5", "not met"),
        ("prednisone", "2.5", "mg", "3", "met"),
        ("Methylprednisolone", "6", "mg", "1", "met"),  # 6 x 5/4 = 7.5
        ("methylprednisolone", "5.9", "mg", "1", "not met"),
        ("hydrocortisone", "30", "mg", "1", "met"),  # 30 x 5/20
        ("dexamethasone", "1.125", "mg", "1", "met"),  # 1.125 x 5/0.75
        ("dexamethasone", "1.12", "mg", "1", "not met"),
        ("deflazacort", "9", "mg", "1", "met"),
        ("prednisone", "0.0075", "g", "1", "met"),
        ("cloprednol", "10", "mg", "1", "unknown"),  # not in the table
        ("prednisone", "", "mg", "1", "unknown"),
        ("prednisone", "10", "", "1", "unknown"),
        ("prednisone", "10", "mg", "", "unknown"),
    ],
)
def test_daily_dose_in_prednisone(name: str, dose: str, unit: str, per_day: str, expected: str) -> None:
    """Dose x times a day x 5/equivalent, exactly; 7.5 mg is enough."""
    taken = drug(name, "glucocorticoid", dose, unit=unit, per_day=per_day, start="2025-06-01")
    assert result(DOSE, Facts(medications=(taken,))).words == expected


@pytest.mark.parametrize(
    ("dose", "every_days", "expected"),
    [
        ("15", "2", "met"),
        ("14.9", "2", "not met"),
        ("52.5", "7", "met"),
        ("52.4", "7", "not met"),
        ("50", "0", "unknown"),
    ],
)
def test_a_dose_every_so_many_days_is_averaged(dose: str, every_days: str, expected: str) -> None:
    """15 mg every other day, and 52.5 mg a week, are 7.5 mg a day; an interval of 0 days is none."""
    taken = replace(drug("prednisone", "glucocorticoid", dose, start="2025-06-01"), every_days=every_days)
    assert result(DOSE, Facts(medications=(taken,))).words == expected


def test_daily_dose_adds_up_and_needs_only_enough() -> None:
    """Two drugs add up; one without a dose does not matter once the rest suffices."""
    five = drug("prednisone", "glucocorticoid", "5", start="2025-06-01")
    two = drug("methylprednisolone", "glucocorticoid", "2", start="2025-06-01")
    blank = drug("methylprednisolone", "glucocorticoid", "", start="2025-06-01")
    assert result(DOSE, Facts(medications=(five, two))).words == "met"
    assert result(DOSE, Facts(medications=(five, blank))).words == "unknown"
    assert result(DOSE, Facts(medications=(replace(five, dose="10"), blank))).words == "met"


def test_daily_dose_on_the_day_of_a_change() -> None:
    """The day on which the next course starts counts for the next course, not for both."""
    old = drug("prednisone", "glucocorticoid", "5", start="2025-06-01", ended="2026-03-02")
    new = drug("prednisone", "glucocorticoid", "5", start="2026-03-02")
    assert result(DOSE, Facts(medications=(old, new))).words == "not met"
    assert result(DOSE, Facts(medications=(old, replace(new, dose="7.5")))).words == "met"
    assert result(DOSE, Facts(medications=(replace(old, ended=day("2026-03-01")),))).words == "not met"


STABLE = "stable_dose: [glucocorticoid, immunosuppressant]\nfor: at least 2 weeks\nup_to: screening\ntolerance: 0"


def changed(on: str, *, before: str = "10", after: str = "10", until: str = "") -> Facts:
    old = drug("prednisone", "glucocorticoid", before, start="2025-06-01", ended=until or on)
    return Facts(medications=(old, drug("prednisone", "glucocorticoid", after, start=on)))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (steroids(("2025-06-01", "")), "met"),
        (changed("2026-02-16", before="20"), "met"),  # 14 days before 2 March
        (changed("2026-02-17", before="20"), "not met"),  # 13 days
        (changed("2026-02-20"), "met"),  # renewed at the same dose
        (changed("2026-02-20", until="2026-02-19"), "met"),
        (changed("2026-02-20", until="2026-02-18"), "not met"),  # a day without
        (changed("2026-02-20", before="10.1"), "not met"),
        (changed("2026-02", before="20", until="2026-02"), "unknown"),
        (changed("2026-01", before="20", until="2026-01"), "met"),
        (changed("2026-02-20", before=""), "unknown"),
        (steroids(("2025-06-01", "2026-03-02")), "met"),
        (steroids(("2025-06-01", "2026-03-01")), "not met"),  # stopped on the day before
        (steroids(("2025-06-01", "2026-01-01")), "not met"),  # nothing is taken, so no dose is stable
        (Facts(), "unknown"),
    ],
)
def test_stable_for_two_weeks(facts: Facts, expected: str) -> None:
    """The same daily dose of each drug on each of the days from 16 February to 2 March."""
    assert result(STABLE, facts).words == expected


def test_one_unstable_drug_is_enough() -> None:
    """A drug that certainly changed decides, whatever is not known of the others."""
    vague = drug("azathioprine", "immunosuppressant", "50", start="2026-02", ended="2026-03")
    facts = changed("2026-02-20", before="20")
    assert result(STABLE, Facts(medications=(*facts.medications, vague))).words == "not met"


def test_tolerance_in_percent() -> None:
    """With a tolerance a small change counts as none."""
    wide = STABLE.replace("tolerance: 0", "tolerance: 5")
    assert result(wide, changed("2026-02-20", before="10.5")).words == "met"
    assert result(wide, changed("2026-02-20", before="10.6")).words == "not met"


BIOPSY = """
finding: lupus_nephritis_class
is_one_of: [III, IV, III+V, IV+V]
by: biopsy
activity: [active, active_and_chronic]
within: by screening
silence: {means: none, if: under_observation, over: 6 months before screening}
"""


def nephritis(value: str, activity: str = "active", on: str = "2026-01-15", by: str = "biopsy") -> ClinicalFinding:
    return ClinicalFinding(finding="lupus_nephritis_class", value=value, activity=activity, by=by, found=day(on))


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((nephritis("III"),), "met"),
        ((nephritis("IV+V"),), "met"),
        ((nephritis("V + III"),), "met"),
        ((nephritis("IV", "active_and_chronic"),), "met"),
        ((nephritis("IV", "chronic"),), "not met"),
        ((nephritis("V"),), "not met"),
        ((nephritis("II"),), "not met"),
        ((nephritis("III", ""),), "unknown"),
        ((nephritis("III", by="imaging"),), "unknown"),
        ((nephritis("III", on="2025-01-01"), nephritis("II")), "not met"),  # the latest counts
        ((nephritis("III", on="2026-03-03"),), "unknown"),  # after screening
        ((), "unknown"),
    ],
)
def test_lupus_nephritis_class(findings: tuple[ClinicalFinding, ...], expected: str) -> None:
    """Class III or IV with or without V, active, by biopsy; pure V and chronic lesions do not count."""
    assert result(BIOPSY, Facts(findings=findings)).words == expected


def test_no_biopsy_on_a_reviewed_chart() -> None:
    """A chart reviewed over six months and silent: not histologically diagnosed, presumed."""
    found = result(BIOPSY, Facts(coverage=CHART))
    assert (found.words, found.basis and found.basis.value) == ("not met", "presumed")


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (("prednisone", "mycophenolate_mofetil"), "met"),
        (("prednisone",), "met"),  # alone, 10 mg a day
        (("mycophenolate_mofetil",), "not met"),
    ],
)
def test_combination_or_steroid_alone(keep: tuple[str, ...], expected: str) -> None:
    """I06 of the shipped file: steroid and immunosuppressant together, or the steroid alone at 7.5 mg or more."""
    facts = eligible()
    taken = tuple(each for each in facts.medications if each.drug in keep)
    assert run(replace(facts, medications=taken)).result("I06").words == expected


def test_steroid_alone_below_the_dose() -> None:
    """In combination there is no least dose; alone there is."""
    low = tuple(replace(each, dose="5") if each.drug == "prednisone" else each for each in eligible().medications)
    assert run(replace(eligible(), medications=low)).result("I06").words == "met"
    only: tuple[Medication, ...] = tuple(each for each in low if each.drug == "prednisone")
    assert run(replace(eligible(), medications=only)).result("I06").words == "not met"
