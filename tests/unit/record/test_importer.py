"""Bulk import: all or nothing, every finding at its line, nothing guessed and nothing left out."""

import hashlib
import json

import pytest

from celltrial.errors import InputError, RefusedError
from celltrial.record import Consent, Correction, Signature, import_file, parse_import, verify_record
from celltrial.record.bodies import Query
from unit.record.support import ANNA, BERTA, CHEN, STUDY, consent, lab, later, new_record, write

HEADER = "subject,visit,analyte,value,unit,collected"
ROW = "01-001,SCR,hemoglobin,96,g/L,2026-01-05"


@pytest.fixture
def record(tmp_path):
    """A record with one consent."""
    record = new_record(tmp_path)
    write(record, consent())
    return record


def plan(record, text, name="labs.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return parse_import(name, content, STUDY, record.state())


def put(record, folder, text, name="labs.csv"):
    """Import a file with this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_file(record, path, author=CHEN, at=later())


def places(refusal):
    return [(str(finding.source), finding.where, finding.message) for finding in refusal.value.findings]


def test_rows_become_form_entries(record, tmp_path):
    """One event a row, texts as typed, blank cells left out, rows numbered per subject, form and visit."""
    text = f"{HEADER}\n{ROW}\n01-001,SCR,alt,<5 , ,2026-01-05\n01-002,,hemoglobin,positive,,2026-01\n"
    done = put(record, tmp_path, text)
    assert (done.rows_read, [event.seq for event in done.events]) == (3, [3, 4, 5])
    state = record.state()
    assert [(entry.body.visit, entry.body.row) for entry in state.forms("labs", ANNA)] == [("SCR", "1"), ("SCR", "2")]
    assert state.forms("labs", ANNA)[1].body.items == {"analyte": "alt", "value": "<5 ", "collected": "2026-01-05"}
    assert (state.forms("labs", BERTA)[0].body.visit, state.forms("labs", BERTA)[0].body.row) == ("", "1")
    assert done.events[0].why.startswith("import of labs.csv, SHA-256 ")
    assert verify_record(tmp_path / "record.db").ok


def test_row_numbers_follow_what_is_there(record, tmp_path):
    """After the highest in use, those entered in error among them; a number that is given is kept."""
    write(record, lab(row="3"))
    write(record, lab("97", row="7"))
    write(record, Correction(target=4, entered_in_error="yes"), why="wrong sheet")
    put(record, tmp_path, f"{HEADER},row\n{ROW},20\n{ROW.replace('96', '95')},\n")
    put(record, tmp_path, f"{HEADER}\n{ROW.replace('96', '94')}\n")
    assert [entry.body.row for entry in record.state().forms("labs", ANNA)] == ["3", "20", "21", "22"]


def test_the_form_may_stand_in_a_column(record, tmp_path):
    """One file for several forms; an item of another form in a row is a finding at that row."""
    header = "subject,form,visit,birth_date,sex,drug"
    text = f"{header}\n01-001,demographics,SCR,1990,F,\n01-001,medications,,,,prednisone\n"
    assert put(record, tmp_path, text, "all.csv").rows_read == 2
    assert record.state().forms("medications", ANNA)[0].body.items == {"drug": "prednisone"}
    with pytest.raises(RefusedError) as refusal:
        put(record, tmp_path, text.replace("F,", "F,prednisone").replace("01-001", "01-002"), "all.csv")
    assert places(refusal) == [("all.csv:2", "01-002/demographics/SCR/row 1/drug", "the form has no such item")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spellings_of_a_table(record, delimiter, mark, end):
    """Comma, tab or semicolon; with or without a byte order mark; either line end; blank lines passed over."""
    lines = [HEADER, ROW, "", ROW.replace("96", "97"), ",,,,,"]
    text = end.join(line.replace(",", delimiter) for line in lines) + end
    done = plan(record, mark + text.encode())
    assert [draft.body.items["value"] for draft in done.drafts] == ["96", "97"]
    assert ([str(source) for source in done.sources], done.findings) == (["labs.csv:2", "labs.csv:4"], ())


def test_quotes_and_line_ends_in_a_cell(record):
    """A quoted cell may hold the delimiter, quotes and line ends; the next row's line is still right."""
    text = f'{HEADER},comment\n{ROW},"haemolysed, ""repeat""\nsee note"\n{ROW.replace("96", "97")},\n'
    done = plan(record, text)
    assert done.drafts[0].body.items["comment"] == 'haemolysed, "repeat"\nsee note'
    assert [source.line for source in done.sources] == [2, 4]


def test_every_finding_has_its_line(record, tmp_path):
    """A bad value, an unknown subject id, a column too many: all at once, in the file's order, nothing written."""
    bad = '0 1,SCR,alt,5,U/L,2026-01-05,\n01-002,D15,alt,"9,6",U/L,soon,\n,SCR,alt,5,,2026,\n'
    text = f"{HEADER},colour\n{ROW},red\n{bad}"
    with pytest.raises(RefusedError) as refusal:
        put(record, tmp_path, text)
    assert places(refusal) == [
        ("labs.csv:1", "column 'colour'", "a column that is no item of the form"),
        ("labs.csv:3", "0 1/labs", "not a valid SubjectId"),
        ("labs.csv:4", "01-002/labs/D15/row 1", "the study has no such visit"),
        ("labs.csv:4", "01-002/labs/D15/row 1/value", "not a valid result"),
        ("labs.csv:4", "01-002/labs/D15/row 1/collected", "not a valid date"),
        ("labs.csv:5", "form/labs/SCR/1", "the subject is missing"),
    ]
    assert record.length == 2


def test_the_same_file_twice_is_found(record, tmp_path):
    """Rows without numbers that say what a standing entry says: refused, naming the event."""
    put(record, tmp_path, f"{HEADER}\n{ROW}\n")
    with pytest.raises(RefusedError, match="the same row is there already") as refusal:
        put(record, tmp_path, f"{HEADER}\n{ROW}\n{ROW.replace('96', '97')}\n{ROW.replace('96', '97')}\n")
    found = [(finding.source.line, finding.found) for finding in refusal.value.findings]
    assert found == [(2, "event 3 says exactly the same"), (4, "line 3 says exactly the same")]
    assert put(record, tmp_path, f"{HEADER},row\n{ROW},9\n").rows_read == 1


def test_a_single_form_twice_is_a_duplicate(record, tmp_path):
    """A form that does not repeat is not numbered on: the second is refused by the record."""
    text = "subject,birth_date,sex\n01-001,1990,F\n"
    put(record, tmp_path, text, "demographics.csv")
    with pytest.raises(RefusedError, match="there is such an entry already") as refusal:
        put(record, tmp_path, text.replace("1990", "1991"), "demographics.csv")
    assert str(refusal.value.findings[0].source) == "demographics.csv:2"


def test_guards_judge_imported_rows(tmp_path):
    """What a gate refuses is found at its line."""
    from celltrial.errors import Finding

    record = new_record(tmp_path, guards=[lambda state, draft, *_: [Finding(message="no")] if draft.subject else []])
    with pytest.raises(RefusedError) as refusal:
        put(record, tmp_path, f"{HEADER}\n{ROW}\n")
    assert places(refusal) == [("labs.csv:2", "", "no")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        ("hello\nworld\n", "the header is not one to import"),
        (f"{HEADER},unit\n{ROW},x\n", "the header is not one to import"),
        (f"{HEADER},\n{ROW},\n", "the header is not one to import"),
        (f"{HEADER}\n{ROW}\n01-001,SCR,alt,4", "not have as many cells"),
        (f"{HEADER}\n{ROW},extra\n", "not have as many cells"),
        (f'{HEADER}\n01-001,SCR,"hemoglobin,96', "not a whole table"),
        (f"{HEADER}\n{ROW}\n".encode() + b"\x00\x00", "zero bytes"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), "not in UTF-8"),
        (f"{HEADER},comment\n{ROW},复查\n".encode("gbk"), "not in UTF-8"),
    ],
)
def test_half_a_file_is_no_file(record, tmp_path, text, message):
    """Cut off, garbled, of another encoding: bad input (exit code 2), with the line, and nothing is written."""
    with pytest.raises(InputError, match=message) as error:
        put(record, tmp_path, text)
    assert error.value.exit_code == 2
    assert error.value.findings[0].source.file == "labs.csv"
    assert record.length == 2


def test_a_header_alone_says_nothing(record, tmp_path):
    """No rows is a finding, not a success."""
    with pytest.raises(RefusedError, match="the file has no rows"):
        put(record, tmp_path, HEADER + "\n")


def test_files_of_no_known_kind(record, tmp_path):
    """A spreadsheet, or a file that is not there."""
    with pytest.raises(InputError, match="not a file to import"):
        put(record, tmp_path, "x", "labs.xlsx")
    with pytest.raises(InputError, match="the file cannot be read"):
        import_file(record, tmp_path / "absent.csv", author=CHEN, at=later())


def test_events_from_json(record, tmp_path):
    """Events with a body or with their fields beside the type; form rows with items or with items beside the form."""
    text = """[
      {"type": "consent", "subject": "01-002", "why": "form 14",
       "body": {"signed_at": "2026-01-05", "document_version": 2.10}},
      {"type": "screening", "version": 1, "subject": "01-002", "screened_on": "2026-01-05"},
      {"form": "labs", "subject": "01-002", "visit": "SCR",
       "analyte": "alt", "value": 9.60, "unit": null, "collected": "2026"},
      {"form": "labs", "subject": "01-002", "visit": "SCR",
       "items": {"analyte": "alt", "value": "<5", "collected": "2026"}},
      {"type": "form", "subject": "01-002",
       "body": {"form": "medications", "items": {"drug": "prednisone", "dose": 7}}},
      {"type": "correction", "subject": "01-001", "why": "misread",
       "body": {"target": 2, "replace": {"signed_at": "2026-01-04"}}},
      {"type": "signature", "covers": [2, 3], "meaning": "seen", "printed_name": "Li", "content_hash": "c"}
    ]"""
    done = put(record, tmp_path, text, "events.json")
    assert done.rows_read == len(done.events) == 7
    state = record.state()
    assert state.latest(Consent, BERTA).body.document_version == "2.10"
    assert done.events[0].why.startswith("form 14 (import of events.json, SHA-256 ")
    assert [entry.body.items.get("value") for entry in state.forms("labs", BERTA)] == ["9.60", "<5"]
    assert [entry.body.row for entry in state.forms("labs", BERTA)] == ["1", "2"]
    assert state.forms("medications", BERTA)[0].body.items == {"drug": "prednisone", "dose": "7"}
    assert state.latest(Consent, ANNA).body.signed_at == "2026-01-04"
    assert state.entries(Signature)[0].body.covers == (2, 3)


def test_findings_in_json_have_lines(record, tmp_path):
    """Each element that cannot be an event, at the line it starts on; nothing is dropped."""
    text = """[
      {"type": "consent", "subject": "01-002", "body": {"signed_at": "2026"}},
      "hello",
      {"type": "party", "subject": "01-002"},
      {"type": "consent", "subject": "01-002", "mood": "good", "body": {"signed_at": "2026", "document_version": "1"}},
      {"type": "consent", "subject": "01-002", "body": "yes"},
      {"form": "labs", "subject": "01-002", "analyte": "alt", "value": true, "collected": "2026"},
      {"form": "labs", "subject": "01-002", "items": {"analyte": "alt", "value": "5"}, "unit": "U/L"},
      {"type": "correction", "subject": "01-001", "why": "x", "body": {"target": "two", "replace": {}}}
    ]"""
    with pytest.raises(RefusedError) as refusal:
        put(record, tmp_path, text, "events.json")
    found = [(finding.source.line, finding.message) for finding in refusal.value.findings]
    unknown = "a field that the event type does not have"
    assert found == [
        (2, "a field is missing"),
        (3, "neither an event nor a form row"),
        (4, "an event type or version that this program does not know"),
        (5, unknown),
        (6, "a field is missing"),
        (6, "a field is missing"),
        (6, unknown),
        (7, "Input should be a valid string"),
        (8, unknown),
        (9, "Input should be a valid integer"),
    ]
    assert record.length == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[",
        "[{}",
        '[{"type": "consent"',
        "[{} {}]",
        "[{}] x",
        '[{"a": 1, "a": 2}]',
        '[{"a": NaN}]',
        "[1,]",
        "nope",
    ],
)
def test_half_a_list_is_no_list(record, tmp_path, text):
    """JSON that is cut off, not a list, with a key twice or NaN: bad input, with the line."""
    with pytest.raises(InputError, match="not one whole JSON list") as error:
        put(record, tmp_path, text, "events.json")
    assert error.value.findings[0].source.line == 1


def test_every_cut_of_a_file_is_refused_or_whole(record):
    """A file cut at any byte: refused, or every row that came through is a whole row of the file."""
    whole = f"{HEADER},comment\n{ROW},ok\n{ROW.replace('96', '97')},\n".encode()
    rows = [tuple(sorted(draft.body.items.items())) for draft in plan(record, whole).drafts]
    for end in range(len(whole)):
        try:
            drafts = plan(record, whole[:end]).drafts
        except InputError:
            continue
        # a last cell cut short cannot be told from a short one: the printed count and docs/record.md say so
        kept = [tuple(sorted(draft.body.items.items())) for draft in drafts]
        assert kept[:-1] == rows[: len(kept[:-1])]
    document = json.dumps([{"type": "consent", "subject": "01-001", "body": {}}]).encode()
    for end in range(len(document)):
        with pytest.raises(InputError):
            plan(record, document[:end], "events.json")


def test_an_imported_correction_needs_its_own_reason(record, tmp_path):
    """That it stood in a file is no reason."""
    text = (
        '[{"type": "correction", "subject": "01-001", "body": {"target": 2, "replace": {"signed_at": "2026-01-04"}}}]'
    )
    with pytest.raises(RefusedError, match="no reason given"):
        put(record, tmp_path, text, "events.json")


def test_every_event_names_its_file(record, tmp_path):
    """`via` holds the file's name and the SHA-256 of its bytes; the hash comes back with the events."""
    text = f"{HEADER}\n{ROW}\n{ROW.replace('96', '97')}\n"
    done = put(record, tmp_path, text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert (done.sha256, {event.via for event in done.events}) == (digest, {f"labs.csv sha256:{digest}"})


def test_a_number_of_an_event_is_a_number(record, tmp_path):
    """JSON has it as a number, the import keeps all others as typed."""
    write(record, lab())
    events = [{"type": "query", "subject": ANNA, "body": {"number": "1", "target": 3, "text": "haemolysed?"}}]
    put(record, tmp_path, json.dumps(events), "events.json")
    assert record.state().entries(Query)[0].body.target == 3
