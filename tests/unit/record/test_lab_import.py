"""A laboratory's file by a profile: what each row becomes, what is found twice, which limits it gets."""

from datetime import UTC, datetime

import pytest

from celltrial.errors import InputError, StaleError
from celltrial.record import Draft, Record
from celltrial.record.bodies import Correction, FormEntry
from celltrial.record.laboratory import (
    import_laboratory_file,
    parse_links,
    preview_laboratory_file,
    write_plan,
)
from lab_files import ANNA, BERTA, HEADER, PROFILE, fates, items, plan, profile, reference, story, table, write
from trial_builder import COORDINATOR


def entry(value="98", *, collected="2025-09-15T07:50+08:00", unit="g/L", **more):
    given = {"analyte": "hemoglobin", "value": value, "unit": unit, "collected": collected} | more
    return FormEntry(form="labs", visit="SCR", items=given)


ROW = f"{ANNA},2025-09-15,07:50,HGB,98 L,g/L,115-150"


def test_a_row_becomes_an_entry_of_the_form():
    """Names, flag, words, full-width signs and units are read; what was printed otherwise is kept beside it."""
    planned = plan(
        story(),
        ROW,
        f"{ANNA},2025-09-15,07:50,CREA,＜20,μmol/L,41～81",
        f"{ANNA},2025-09-15,,Sm,阳性,,阴性",
    )
    assert sorted(items(planned), key=lambda each: each["analyte"]) == [
        {
            "analyte": "anti_sm",
            "value": "positive",
            "collected": "2025-09-15",
            "laboratory": "Central laboratory",
            "comment": "printed 阳性",
        },
        {
            "analyte": "creatinine",
            "value": "<20",
            "unit": "umol/L",
            "lln": "41",
            "uln": "81",
            "collected": "2025-09-15T07:50+08:00",
            "laboratory": "Central laboratory",
            "comment": "printed ＜20 μmol/L",
        },
        {
            "analyte": "hemoglobin",
            "value": "98",
            "unit": "g/L",
            "lln": "115",
            "uln": "150",
            "collected": "2025-09-15T07:50+08:00",
            "laboratory": "Central laboratory",
            "comment": "printed 98 L g/L",
        },
    ]
    assert {draft.body.visit for draft in planned.drafts} == {"SCR"}
    assert sorted(draft.body.row for draft in planned.drafts) == ["1", "2", "3"]


def test_every_draft_names_its_file_and_line():
    """`via` holds the name and the SHA-256 of the bytes, `why` the line."""
    import hashlib

    (draft,) = plan(story(), ROW).drafts
    assert draft.via == f"lab.csv sha256:{hashlib.sha256(table(ROW)).hexdigest()}"
    assert "line 2" in draft.why


@pytest.mark.parametrize(
    ("row", "fate", "reason"),
    [
        (f"{ANNA},2025-09-15,07:50,HCT,0.31,L/L,", "left out", "an analyte that the profile leaves out: HCT"),
        (f"{ANNA},2025-09-15,07:50,HGB,not done,g/L,", "left out", "the laboratory wrote 'not done'"),
        (f"{ANNA},2025-09-15,07:50,HGB,,g/L,", "left out", "no result"),
        (f"{ANNA},2025-09-15,07:50,PLT,180,10*9/L,", "refused", "an analyte that the profile does not know"),
        (f"{ANNA},2025-09-15,07:50,HGB,98,gramm,", "refused", "a unit that the profile does not know"),
        (f"{ANNA},2025-09-15,07:50,CREA,68,,", "refused", "a number without a unit"),
        (f'{ANNA},2025-09-15,07:50,HGB,"9,8",g/dL,', "refused", "no rule of the profile reads '9,8'"),
        (f"{ANNA},2025-09-15,07:50,HGB,clotted,g/L,", "refused", "no rule of the profile reads 'clotted'"),
        (f"{ANNA},15.09.2025,07:50,HGB,98,g/L,", "refused", "no format of the profile reads '15.09.2025 07:50'"),
        (f"{ANNA},2025-02-30,07:50,HGB,98,g/L,", "refused", "no format of the profile reads '2025-02-30 07:50'"),
        ("H0047711,2025-09-15,07:50,HGB,98,g/L,", "refused", "not a subject of the record"),
    ],
)
def test_a_row_that_gives_no_result_says_why(row, fate, reason):
    """Left out where the profile says so, refused where no rule reads it; nothing is guessed."""
    planned = plan(story(), row)
    assert (fates(planned), planned.reasons(fate)) == ({2: fate}, {reason: 1})
    assert bool(planned.findings) == (fate == "refused")


def test_what_the_profile_does_not_know_is_counted():
    """Unmapped analytes and units, with their rows, for the one who completes the profile."""
    rows = [f"{ANNA},2025-09-15,0{hour}:00,PLT,180,10*9/L," for hour in range(3)]
    planned = plan(story(), *rows, f"{ANNA},2025-09-15,07:50,HGB,98,gramm,")
    assert (planned.unmapped("analyte"), planned.unmapped("unit")) == ({"PLT": 3}, {"gramm": 1})
    assert str(planned.counts) == "4 rows read = 0 new + 0 already there + 4 refused + 0 left out"


def test_a_hospital_number_stays_outside():
    """The link file says whose it is; neither entry, nor reason, nor finding repeats the number."""
    text = PROFILE.replace("{column: patient}", "{column: patient, linked: true}")
    links = parse_links("links.csv", f"number,subject\nH0047711,{ANNA}\n".encode())
    known, unknown = ROW.replace(ANNA, "H0047711"), ROW.replace(ANNA, "H0093020")
    planned = plan(story(), known, unknown, text=text, links=links)
    assert fates(planned) == {2: "new", 3: "refused"}
    assert planned.drafts[0].subject == ANNA
    assert "H00" not in repr((planned.drafts, planned.findings, planned.warnings, planned.rows))
    with pytest.raises(InputError, match="--links"):
        plan(story(), known, text=text)


@pytest.mark.parametrize(
    ("day", "visit"),
    [
        ("2025-10-08", "D7"),
        ("2025-10-07", "D7"),
        ("2025-10-09", "D7"),
        ("2025-10-05", "D3"),
        ("2025-10-06", "UNS-2025-10-06"),  # within 21 days of the screening, but after the infusion
        ("2025-10-01", "D0"),
        ("2025-09-30", "SCR"),
    ],
)
def test_the_visit_follows_from_day_and_windows(day, visit):
    """Infusion on 1 October: D3 may be a day late, D7 a day early or late (study.yaml, visits)."""
    planned = plan(story(infused="2025-10-01T10:00"), f"{ANNA},{day},08:00,HGB,98,g/L,")
    assert [draft.body.visit for draft in planned.drafts] == [visit]


def test_outside_every_window_the_profile_decides():
    """Unscheduled, left out, or refused."""
    row = f"{ANNA},2025-12-24,08:00,HGB,98,g/L,"
    for word, fate in (("unscheduled", "new"), ("leave out", "left out"), ("refuse", "refused")):
        assert fates(plan(story(), row, text=PROFILE.replace("unscheduled", word))) == {2: fate}


def test_a_result_in_the_record_is_there_already():
    """The same number in another unit is the same result; without a time zone it is the site's time."""
    told = story()
    told.write(entry("9.8", collected="2025-09-15T07:50", unit="g/dL"), ANNA)
    planned = plan(told, ROW)
    assert (fates(planned), planned.findings) == ({2: "already there"}, ())


def test_another_value_is_a_conflict_with_its_correction():
    """Refused, naming the event; the correction that would make the file true is given, its reason left to a person."""
    told = story()
    seq = told.write(entry("89"), ANNA)
    planned = plan(told, ROW)
    assert (fates(planned), planned.findings[0].found) == ({2: "refused"}, f"98 g/L, event {seq}: 89 g/L")
    assert planned.corrections == (
        {"type": "correction", "subject": ANNA, "why": "", "body": {"target": seq, "replace": {"items.value": "98"}}},
    )


def test_a_corrected_result_is_not_brought_back():
    """The file of before the correction says what the record said then: already there, nothing to refuse."""
    told = story()
    write(told, plan(told, ROW))
    seq = told.state.length
    told.write(Correction(target=seq, replace={"items.value": "89"}), ANNA, why="misread by the analyser")
    planned = plan(told, ROW)
    assert planned.reasons("already there") == {f"in the record, corrected since (event {seq})": 1}


def test_a_result_entered_in_error_is_not_brought_back():
    """Left out; another value of that time is new."""
    told = story()
    write(told, plan(told, ROW))
    seq = told.state.length
    told.write(Correction(target=seq, entered_in_error="yes"), ANNA, why="tube of another person")
    assert plan(told, ROW).reasons("left out") == {f"entered in error (event {seq})": 1}
    assert fates(plan(told, ROW.replace("98", "121"))) == {2: "new"}


def test_a_result_entered_by_day_may_be_the_same():
    """The same value on that day is refused until a person says; another value is new, with a warning."""
    told = story()
    told.write(entry("98", collected="2025-09-15"), ANNA)
    planned = plan(told, ROW, ROW.replace("98", "101").replace("07:50", "16:10"))
    assert fates(planned) == {2: "refused", 3: "new"}
    assert [each.message for each in planned.warnings] == ["another result of that time, less exactly dated"]


def test_another_laboratory_is_another_result():
    """The same sample measured twice; an entry that names no laboratory may be of either."""
    told = story()
    told.write(entry("89", laboratory="Second laboratory"), ANNA)
    assert fates(plan(told, ROW)) == {2: "new"}


def test_a_file_that_says_something_twice():
    """The same row twice is one result; two values of one time are refused, both."""
    planned = plan(story(), ROW, ROW, f"{ANNA},2025-09-15,07:50,CRP,5,mg/L,", f"{ANNA},2025-09-15,07:50,CRP,50,mg/L,")
    assert fates(planned) == {2: "new", 3: "already there", 4: "refused", 5: "refused"}


def test_limits_come_from_the_range_of_the_day():
    """Where the file prints none: for this sex and age, in the unit of the result, with the event they come from."""
    told = story()
    seq = told.write(reference("creatinine", "41", "73", "umol/L", sex="female"))
    told.write(reference("creatinine", "57", "97", "umol/L", sex="male"))
    rows = f"{ANNA},2025-09-15,08:00,CREA,68,μmol/L,", f"{ANNA},2025-09-15,09:00,CREA,0.8,mg/dL,"
    one, other = items(plan(told, *rows))
    assert (one["lln"], one["uln"]) == ("41", "73")
    assert one["comment"].endswith(f"limits of reference range, event {seq}")
    # 1 mg/dL of creatinine is 88.4 umol/L: 41 / 88.4 and 73 / 88.4
    assert (other["lln"], other["uln"]) == ("0.4638", "0.8258")


def test_printed_limits_are_compared_and_kept():
    """Other limits than the record's are a warning; those of the file stay."""
    told = story()
    seq = told.write(reference("hemoglobin", "110", "150", "g/L"))
    planned = plan(told, ROW)
    assert items(planned)[0]["lln"] == "115"
    assert [(each.source.line, each.found) for each in planned.warnings] == [
        (2, f"115 to 150 g/L, event {seq}: 110 to 150 g/L")
    ]


def test_rows_without_limits_say_why_once():
    """One warning for all rows of an analyte that have no range for one reason."""
    rows = [f"{ANNA},2025-09-15,0{hour}:00,CRP,5,mg/L," for hour in range(4)]
    planned = plan(story(), *rows)
    assert [each.found for each in planned.warnings] == [
        "4 rows: no range of crp by 'Central laboratory' is in the record"
    ]


def test_a_slip_of_the_unit_is_told():
    """10.1 g/L after 98 and 101 g/L is about a tenth of the person's median; it is written all the same."""
    told = story()
    told.write(entry("98", collected="2025-09-01T08:00"), ANNA)
    told.write(
        FormEntry(form="labs", visit="SCR", row="2", items=entry("101", collected="2025-09-08T08:00").items), ANNA
    )
    planned = plan(told, ROW.replace("98 L", "10.1 L"))
    assert fates(planned) == {2: "new"}
    assert [each.found for each in planned.warnings] == [
        "10.1 g/L; earlier results: 2, median 99.5 g/L (about 10 times)"
    ]
    creatinine = [f"{ANNA},2025-09-15,0{hour}:00,CREA,{value},μmol/L,41-73" for hour, value in ((1, "70"), (2, "0.8"))]
    assert "(about 88.4 times: mg/dL for umol/L?)" in plan(story(), *creatinine).warnings[0].found


def test_a_flag_that_contradicts_its_limits_is_told():
    """High at 120 with an upper limit of 150: a slip in the value or the range."""
    planned = plan(story(), ROW.replace("98 L", "120 H"))
    assert [each.found for each in planned.warnings] == ["120 g/L, flag high, upper limit 150"]


def test_a_file_of_another_shape_is_bad_input():
    """A column that is not there names the profile; a truncated row, its line."""
    with pytest.raises(InputError, match="'hour'"):
        plan(story(), content=table("x", header="patient"))
    with pytest.raises(InputError, match=r"lab\.csv:3"):
        plan(story(), ROW, f"{BERTA},2025-09-15")


def test_encodings_and_lines_above_the_header():
    """GB 18030, semicolons, two lines of title; the line numbers are those of the file."""
    text = PROFILE + "file: {encoding: gb18030, delimiter: semicolon, skip_lines: 2}\n"
    lines = ["检验结果", "2025-09-22", HEADER, f"{ANNA},2025-09-15,07:50,血红蛋白,98,g/L,"]
    content = "\n".join(lines).replace(",", ";").encode("gb18030")
    planned = plan(story(), text=text, content=content)
    assert fates(planned) == {4: "new"}
    with pytest.raises(InputError, match="not in utf-8"):
        plan(story(), content=content)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("hemoglobin:", "haemoglobin:", 7, "analytes.csv"),
        ("[HGB, 血红蛋白]", "[HGB, CRP]", 9, "'CRP' stands under hemoglobin already"),
        ("unit: g/L, times", "unit: 10*9/L, times", 7, "cannot be converted to g/L"),
        ('"%Y-%m-%d"]', '"%d.%m.%y"]', 3, "%Y-%m-%d %H:%M"),
        ("laboratory: {name: Central laboratory}", "laboratory: {}", 1, "either the laboratory's `name`"),
        ("{column: range}", "{column: range, low: low}", 18, "either one column"),
        ("  blank: leave out", "  thousands: point", 11, "cannot be both"),
        ("  blank: leave out", "  blnak: leave out", 16, "did you mean 'blank'?"),
    ],
)
def test_a_profile_that_does_not_hold_together(old, new, line, told):
    """Every problem at its line, before any file is read."""
    with pytest.raises(InputError) as refusal:
        profile(PROFILE.replace(old, new))
    finding = refusal.value.findings[0]
    assert finding.source.file == "lab.yaml"
    assert told in str(finding)
    assert finding.source.line == line


def test_a_link_file_holds_together():
    """A number of two subjects, a line without a number, a subject id that is none: each at its line."""
    content = f"number,subject\nH1,{ANNA}\nH1,{BERTA}\n,{ANNA}\nH2,x y\n".encode()
    with pytest.raises(InputError) as refusal:
        parse_links("links.csv", content)
    assert [finding.source.line for finding in refusal.value.findings] == [3, 4, 5]
    assert "H1" not in str(refusal.value)


def test_what_was_looked_at_is_what_is_written(tmp_path):
    """A plan is stale once somebody else has written a row that it would write: look at the file again."""
    path = tmp_path / "lab.csv"
    path.write_bytes(table(ROW))
    told = story()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    record = Record.create(tmp_path / "record.db", told.study, author=COORDINATOR, at=at)
    drafts = [Draft(body=each.body, subject=each.subject) for each in told.state.all_entries()[1:]]
    record.append(drafts, author=COORDINATOR, at=at)
    plan_ = preview_laboratory_file(record, path, profile(), links=None, author=COORDINATOR, at=at)
    record.append([Draft(body=entry("121", collected="2025-09-16"), subject=ANNA)], author=COORDINATOR, at=at)
    with pytest.raises(StaleError):
        write_plan(record, plan_, author=COORDINATOR, at=at)
    done = import_laboratory_file(record, path, profile(), links=None, author=COORDINATOR, at=at)
    assert [event.payload["row"] for event in done.events] == ["2"]
