"""Reference ranges: which one holds for whom on which day, what overlaps, what a file of ranges brings."""

import pytest

from celltrial.errors import InputError
from celltrial.missing import NotEstimable
from celltrial.record.bodies import ReferenceRange
from celltrial.record.range_file import plan_ranges
from celltrial.record.ranges import Born, check_gaps, check_overlaps, find_born, range_for
from celltrial.studyday import parse_partial_date
from lab_files import ANNA, BERTA, reference, story

HEAD = "laboratory,analyte,unit,low,high,valid_from,valid_to,sex,age_from,age_to"


def holds(told, who, on, analyte="creatinine", laboratory="Central laboratory"):
    """The event of the range that holds, or the reason why none does."""
    zone = told.study.site.zone
    found = range_for(
        told.state.entries(ReferenceRange),
        laboratory=laboratory,
        analyte=analyte,
        born=who if isinstance(who, Born) else find_born(told.study, told.state, who),
        on=parse_partial_date(on, zone),
    )
    return found.reason if isinstance(found, NotEstimable) else found.seq


@pytest.fixture
def told():
    """Ranges of creatinine for women to 59 and from 60, for men; the women's changed on 1 July 2025."""
    told = story()
    first = told.state.length + 1
    told.write(reference("creatinine", "41", "73", "umol/L", sex="female", age_to="59", valid_to="2025-06-30"))
    told.write(reference("creatinine", "40", "70", "umol/L", sex="female", age_to="59", valid_from="2025-07-01"))
    told.write(reference("creatinine", "41", "81", "umol/L", sex="female", age_from="60"))
    told.write(reference("creatinine", "57", "97", "umol/L", sex="male"))
    return told, first


def test_the_range_of_sex_age_and_day(told):
    """ANNA, born on 2 March 1990; the day a range ends is its last, the next begins on the day after."""
    told, first = told
    assert holds(told, ANNA, "2025-06-30T23:59") == first
    assert holds(told, ANNA, "2025-07-01T00:00") == first + 1
    assert holds(told, ANNA, "2050-03-01") == first + 1
    assert holds(told, ANNA, "2050-03-02") == first + 2
    assert holds(told, BERTA, "2025-07-01") == first + 3


def test_no_range_is_a_reason(told):
    """No laboratory, no analyte, no day, no sex, no age: each says what is lacking."""
    told, first = told
    assert holds(told, ANNA, "2025-07-01", laboratory="Other") == "no range of creatinine by 'Other' is in the record"
    assert holds(told, ANNA, "2023-12-31") == "no range of creatinine by 'Central laboratory' holds on 2023-12-31"
    assert f"event {first + 3}: sex is not known" in holds(told, Born(), "2025-07-01")
    assert f"event {first}: the day is not known (2025)" in holds(told, ANNA, "2025")
    born = Born(sex="female", birth=parse_partial_date("1965", told.study.site.zone))
    assert f"event {first + 1}: age is not known" in holds(told, born, "2025-07-05")


def test_two_ranges_on_a_day_are_no_range(told):
    """A new range without an end of the old one: which holds is not guessed, and the overlap is found."""
    told, first = told
    seq = told.write(reference("creatinine", "60", "100", "umol/L", sex="male", valid_from="2025-01-01"))
    assert holds(told, BERTA, "2025-07-01") == f"two ranges hold on 2025-07-01: events {first + 3}, {seq}"
    assert holds(told, BERTA, "2024-07-01") == first + 3
    named = [(str(each.seq), each.body) for each in told.state.entries(ReferenceRange)]
    (finding,) = check_overlaps(named, told.study.site.zone)
    assert "both on 2025-01-01" in finding.found


def test_a_range_for_everybody_overlaps_one_for_women():
    """`any` and `female` hold for the same woman; different ages, laboratories and analytes do not meet."""
    zone = story().study.site.zone
    every, women = reference("crp", "0", "8", "mg/L"), reference("crp", "0", "6", "mg/L", sex="female")
    apart = reference("crp", "0", "8", "mg/L", laboratory="Other"), reference("alt", "7", "40", "U/L")
    assert len([*check_overlaps([("a", every), ("b", women), ("c", apart[0]), ("d", apart[1])], zone)]) == 1


def test_days_without_a_range_are_told():
    """The last day of one and the first of the next are neighbours, or there is a gap."""
    zone = story().study.site.zone

    def pair(end):
        return [
            ("one", reference("crp", "0", "8", "mg/L", valid_to=end)),
            ("two", reference("crp", "0", "6", "mg/L", valid_from="2025-07-01")),
        ]

    assert not [*check_gaps(pair("2025-06-30"), zone)]
    assert [each.found for each in check_gaps(pair("2025-06-29"), zone)] == [
        "one ends on 2025-06-29, two begins on 2025-07-01"
    ]


def test_a_file_of_ranges_twice_is_once():
    """New the first time, there already the second; a row twice in one file is one."""
    told = story()
    row = "Central laboratory,crp,mg/L,0,8,2024-01-01,,any,,"
    content = f"{HEAD}\n{row}\n{row}\n".encode()
    first = plan_ranges("ranges.csv", content, told.study, told.state)
    assert str(first.counts) == "2 rows read = 1 new + 1 already there + 0 refused + 0 left out"
    told.write(first.drafts[0].body)
    again = plan_ranges("ranges.csv", content, told.study, told.state)
    assert (again.counts.new, again.counts.already_there, again.findings) == (0, 2, ())


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("L,crpp,mg/L,0,8,2024-01-01,,any,,", "analyte"),
        ("L,crp,10*9/L,0,8,2024-01-01,,any,,", "unit"),
        ("L,crp,mg/L,9,8,2024-01-01,,any,,", "low"),
        ("L,crp,mg/L,,,2024-01-01,,any,,", "low"),
        ("L,crp,mg/L,0,8 or so,2024-01-01,,any,,", "high"),
        ("L,crp,mg/L,0,8,2024-01,,any,,", "valid_from"),
        ("L,crp,mg/L,0,8,2024-01-01,2023-01-01,any,,", "valid_to"),
        ("L,crp,mg/L,0,8,2024-01-01,,any,60,18", "age_from"),
        ("L,crp,mg/L,0,8,2024-01-01,,woman,,", "sex"),
    ],
)
def test_a_row_that_is_no_range_is_refused(row, where):
    """Each with its line and its column."""
    told = story()
    planned = plan_ranges("ranges.csv", f"{HEAD}\n{row}\n".encode(), told.study, told.state)
    assert [(each.source.line, where in each.where) for each in planned.findings] == [(2, True)]
    assert planned.counts.refused == 1


def test_a_file_that_is_no_table_of_ranges():
    """Columns that are unknown or lacking."""
    told = story()
    with pytest.raises(InputError, match="valid_from"):
        plan_ranges("ranges.csv", b"laboratory,analyte\n", told.study, told.state)
