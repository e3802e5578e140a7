"""The one function that appends: all or nothing, in order of time, every problem at once, guards inside."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from celltrial.codes import SubjectId
from celltrial.errors import Finding, InputError, RefusedError, TamperedError, UsageError
from celltrial.record import (
    AdverseEvent,
    Consent,
    DataCut,
    Draft,
    FormEntry,
    Infusion,
    KineticsSample,
    Record,
    Screening,
    Signature,
    StudyOpened,
    Visit,
    verify_record,
)
from unit.record.support import ANNA, BERTA, CHEN, LI, START, STUDY, consent, lab, later, make_study, new_record, write


def test_first_event_opens_the_study(tmp_path):
    """A new record holds one event: which study, by whom, from which files."""
    record = new_record(tmp_path, simulated="yes", seed="7")
    (event,) = record.events()
    assert (event.seq, event.type, event.version, event.subject) == (1, "study_opened", 1, None)
    assert event.payload == {"study": "TINY", "simulated": "yes", "seed": "7"}
    assert (event.author, event.recorded_at, event.study_hash) == (CHEN, START, "a" * 64)
    assert (event.prev, event.base_seq, record.head, record.length) == ("0" * 64, 0, event.hash, 1)


def test_texts_are_kept_as_typed(tmp_path):
    """What was typed comes back letter by letter, from another reader too."""
    record = new_record(tmp_path)
    typed = {"analyte": "hemoglobin", "value": " <5.00", "unit": "g/L", "collected": "2026-01", "comment": "重复 “x”\n"}
    event = write(record, FormEntry(form="labs", items=typed), why="读自化验单")
    again = Record.open(tmp_path / "record.db", STUDY).events()[-1]
    assert again == event
    assert again.payload["items"] == typed
    assert again.why == "读自化验单"
    assert Record.open(tmp_path / "record.db", STUDY).state().forms("labs", ANNA)[0].body.items == typed


def test_times_are_stored_in_utc(tmp_path):
    """The zone of the writer's clock does not matter."""
    record = new_record(tmp_path)
    at = datetime(2026, 1, 6, 7, 30, 1, 250, tzinfo=timezone(timedelta(hours=8)))
    write(record, consent(), at=at)
    event = Record.open(tmp_path / "record.db", STUDY).events()[-1]
    assert event.recorded_at == at
    assert event.recorded_at.tzinfo is UTC


def test_a_batch_is_all_or_nothing(tmp_path):
    """One bad draft keeps all out, in memory and in the file; the next append works."""
    record = new_record(tmp_path)
    drafts = [Draft(body=consent(), subject=ANNA), Draft(body=lab("9,6"), subject=ANNA)]
    with pytest.raises(RefusedError, match="not a valid result"):
        record.append(drafts, author=CHEN, at=later())
    assert record.length == Record.open(tmp_path / "record.db", STUDY).length == 1
    events = record.append([drafts[0], Draft(body=lab(), subject=ANNA)], author=CHEN, at=later())
    assert [event.seq for event in events] == [2, 3]
    assert verify_record(tmp_path / "record.db").ok


def test_every_problem_of_every_draft_at_once(tmp_path):
    """Findings name subject, form and item; none hides another."""
    record = new_record(tmp_path)
    bad = lab("9,6", unit="zorg", collected="yesterday", analyte="unobtainium", colour="red")
    drafts = [Draft(body=bad, subject=ANNA), Draft(body=lab(), subject=None), Draft(body=lab(row="0"), subject=BERTA)]
    with pytest.raises(RefusedError) as refusal:
        record.append(drafts, author=CHEN, at=later())
    assert [(finding.where, finding.message) for finding in refusal.value.findings] == [
        ("01-001/labs/SCR/row 1/colour", "the form has no such item"),
        ("01-001/labs/SCR/row 1/analyte", "not a valid analyte"),
        ("01-001/labs/SCR/row 1/value", "not a valid result"),
        ("01-001/labs/SCR/row 1/unit", "not a valid unit"),
        ("01-001/labs/SCR/row 1/collected", "not a valid date"),
        ("form/labs/SCR/1", "the subject is missing"),
        ("01-002/labs/SCR/row 0", "not a row number"),
    ]


def test_time_never_runs_backwards(tmp_path):
    """An event is not recorded before the last one; at the same instant it is."""
    record = new_record(tmp_path)
    at = later()
    write(record, consent(), at=at)
    with pytest.raises(RefusedError, match="before the last event"):
        write(record, lab(), at=at - timedelta(microseconds=1))
    assert write(record, lab(), at=at).seq == 3


def test_a_time_needs_a_zone(tmp_path):
    """A naive time is wrong use, not a guess."""
    record = new_record(tmp_path)
    with pytest.raises(UsageError, match="a time without a zone"):
        write(record, consent(), at=datetime(2026, 2, 1))  # noqa: DTZ001 - the fault that is tested
    with pytest.raises(UsageError, match="a time without a zone"):
        record.state(as_of=datetime(2026, 2, 1))  # noqa: DTZ001


def test_guards_see_the_drafts_before_theirs(tmp_path):
    """A guard judges each draft on the state that the batch has reached, with who and when; a finding refuses all."""
    seen = []

    def consent_first(state, draft, author, at):
        seen.append((draft.body.TYPE, state.length, author.person, at))
        if draft.subject is None or isinstance(draft.body, Consent) or state.latest(Consent, draft.subject):
            return ()
        return [Finding(message="no consent", where=draft.subject)]

    record = new_record(tmp_path, guards=[consent_first])
    at = later()
    record.append([Draft(body=consent(), subject=ANNA), Draft(body=lab(), subject=ANNA)], author=CHEN, at=at)
    assert seen[1:] == [("consent", 1, CHEN.person, at), ("form", 2, CHEN.person, at)]
    batch = [Draft(body=lab(), subject=BERTA), Draft(body=consent(), subject=BERTA)]
    with pytest.raises(RefusedError, match="no consent") as refusal:
        record.append(batch, author=CHEN, at=later())
    assert len(refusal.value.findings) == 1
    assert record.length == 3


def test_a_guard_that_refuses_the_opening_leaves_no_file(tmp_path):
    """A record that could not be begun is not there."""
    with pytest.raises(RefusedError, match="not you"):
        new_record(tmp_path, guards=[lambda *_: [Finding(message="not you")]])
    assert list(tmp_path.iterdir()) == []


def test_check_is_append_without_writing(tmp_path):
    """A dry run finds the same, names the draft, and leaves the record as it was."""
    record = new_record(tmp_path)
    drafts = [Draft(body=lab(), subject=ANNA), Draft(body=lab("9,6", row="2"), subject=ANNA)]
    found = record.check(drafts, author=CHEN, at=later())
    assert [(number, finding.message) for number, finding in found] == [(1, "not a valid result")]
    assert record.length == 1
    assert record.check(drafts[:1], author=CHEN, at=later()) == ()


@pytest.mark.parametrize(
    ("body", "subject", "message"),
    [
        (consent(), None, "the subject is missing"),
        (DataCut(cut="C1", as_of="2026-01-05", head="0", events="1", purpose="x"), ANNA, "names no subject"),
        (StudyOpened(study="TINY"), None, "begins with study_opened, once"),
        (consent("yesterday"), ANNA, "not a date"),
        (Screening(screened_on="2026-13-01"), ANNA, "not a date"),
        (Visit(visit="D14", on="2026-01-05", status="skipped"), ANNA, "Input should be 'done' or 'missed'"),
        (Visit(visit=14, on="2026-01-05"), ANNA, "Input should be a valid string"),
        (Signature(covers=(1, 9), meaning="m", printed_name="p", content_hash="h"), None, "not in the record"),
        (Signature(covers=(), meaning="m", printed_name="p", content_hash="h"), None, "not in the record"),
        (Signature(covers=("1",), meaning="m", printed_name="p", content_hash="h"), None, "valid integer"),
        (FormEntry(form="labs", items={"value": 9.6}), ANNA, "valid string"),
        (FormEntry(form="blood", items={}), ANNA, "the study has no such form"),
        (lab(visit="D15"), ANNA, "the study has no such visit"),
        (lab(comment="\ud800"), ANNA, "not Unicode"),
        (
            Infusion(
                infused_at="2026-02-01T10:00", level="DL1", planned_cells="3e8", actual_cells="lots", lot="L", donor="D"
            ),
            ANNA,
            "not a number",
        ),
        (
            KineticsSample(analyte="", specimen="blood", nominal_day="7", collected_at="2026-01", unit="x", lloq="50"),
            ANNA,
            "blank, but tells this entry from others",
        ),
    ],
)
def test_what_is_kept_out(tmp_path, body, subject, message):
    """Drafts that are not whole or not in their place are refused, whoever writes them."""
    record = new_record(tmp_path)
    with pytest.raises(RefusedError, match=message):
        write(record, body, subject)
    assert record.length == 1


def test_unscheduled_visits_have_names(tmp_path):
    """A visit that no schedule asks for is named UNS...; nothing else is let through."""
    assert write(new_record(tmp_path), lab(visit="UNS1")).seq == 2


def test_a_reason_is_required(tmp_path):
    """Who, when and why: why is not blank."""
    with pytest.raises(RefusedError, match="no reason given"):
        write(new_record(tmp_path), consent(), why="  ")


def test_a_second_entry_with_the_same_key_is_a_duplicate(tmp_path):
    """Same subject, form, visit and row: refused, naming the first; another row, visit or subject is not."""
    record = new_record(tmp_path)
    write(record, lab())
    with pytest.raises(RefusedError, match="there is such an entry already") as refusal:
        write(record, lab("97"))
    assert refusal.value.findings[0].found.startswith("event 2 of 2026-01-05 by coordinator.chen")
    for other, subject in ((lab(row="2"), ANNA), (lab(visit="D14"), ANNA), (lab(), BERTA)):
        write(record, other, subject)
    twice = [Draft(body=lab(row="9"), subject=ANNA)] * 2
    with pytest.raises(RefusedError, match="there is such an entry already"):
        record.append(twice, author=CHEN, at=later())


def test_a_form_that_does_not_repeat_has_one_row(tmp_path):
    """Row 2 of the demographics is refused."""
    body = FormEntry(form="demographics", items={"birth_date": "1990", "sex": "F"}, row="2")
    with pytest.raises(RefusedError, match="a second row of a form that has one"):
        write(new_record(tmp_path), body)


def test_an_adverse_event_is_followed_up_under_its_number(tmp_path):
    """Not a duplicate: the later report replaces the earlier one, which stays in the record."""
    from unit.record.support import adverse_event

    record = new_record(tmp_path)
    write(record, adverse_event("1", "1"))
    write(record, adverse_event("2", "1"))
    write(record, adverse_event("1", "3"))
    state = record.state()
    assert [(each.body.number, each.body.grade) for each in state.adverse_events(ANNA)] == [("1", "3"), ("2", "1")]
    assert len(state.entries(AdverseEvent, ANNA)) == 3


def test_another_studys_record_is_not_opened(tmp_path):
    """A record names its study; amended files of the same study open it, and new events carry their hash."""
    new_record(tmp_path)
    with pytest.raises(InputError, match="not the record of this study"):
        Record.open(tmp_path / "record.db", replace(STUDY, id="OTHER"))
    amended = Record.open(tmp_path / "record.db", make_study(study_hash="b" * 64))
    assert write(amended, consent()).study_hash == "b" * 64


def test_no_record_is_overwritten(tmp_path):
    """Creating where there is a file is refused; the file stays."""
    (tmp_path / "record.db").write_text("something")
    with pytest.raises(InputError, match="there is a file already"):
        new_record(tmp_path)
    assert (tmp_path / "record.db").read_text() == "something"


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look like one" * 20])
def test_what_is_no_record_is_not_opened(tmp_path, content):
    """A missing, empty or foreign file is named, without a traceback."""
    with pytest.raises(InputError, match="there is no record"):
        Record.open(tmp_path / "record.db", STUDY)
    (tmp_path / "record.db").write_bytes(content)
    with pytest.raises((InputError, TamperedError)):
        Record.open(tmp_path / "record.db", STUDY)


def test_accidents_with_sql_are_stopped(tmp_path):
    """The file refuses to change or delete an event."""
    new_record(tmp_path)
    database = sqlite3.connect(tmp_path / "record.db")
    for statement in ("UPDATE event SET type = 'x'", "DELETE FROM event"):
        with pytest.raises(sqlite3.IntegrityError, match="append a correction"):
            database.execute(statement)
    database.close()


def test_a_reader_sees_what_another_writer_appended(tmp_path):
    """Two open records of one file: each reads and follows on the other's events."""
    first = new_record(tmp_path)
    second = Record.open(tmp_path / "record.db", STUDY)
    write(first, consent())
    assert second.length == 2
    write(second, lab())
    assert write(first, lab(row="2")).seq == 4
    assert first.head == second.head
    assert first.events() == second.events()


def test_a_raw_text_subject_is_checked(tmp_path):
    """A subject given as plain text becomes a subject's id, or is refused."""
    record = new_record(tmp_path)
    assert isinstance(write(record, consent(), "01-009").subject, SubjectId)
    with pytest.raises(RefusedError, match="not a valid SubjectId"):
        write(record, consent(), "no spaces please")


def test_the_printed_name_is_kept(tmp_path):
    """The writer's printed name is part of the envelope."""
    record = new_record(tmp_path)
    record.append([Draft(body=consent(), subject=ANNA)], author=LI, at=later())
    assert Record.open(tmp_path / "record.db", STUDY).events()[-1].author == LI


def test_reading_again_reads_only_what_is_new(tmp_path, monkeypatch):
    """The state after an append costs what was appended, not the whole record; nothing new, nothing done."""
    record = new_record(tmp_path)
    other = Record.open(tmp_path / "record.db", STUDY)
    for row in ("1", "2", "3"):
        write(record, lab(row=row))
    read, numbers = other._store.read, []
    monkeypatch.setattr(other._store, "read", lambda after: [numbers.append(each.seq) or each for each in read(after)])
    assert (other.length, numbers) == (4, [2, 3, 4])
    state = other.state()
    assert other.state() is state
    write(record, lab(row="4"))
    assert (other.length, numbers) == (5, [2, 3, 4, 5])
