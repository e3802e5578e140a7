"""What past releases wrote is read: golden files of every schema, and old versions of a type, lifted when read."""

import csv
import dataclasses
import hashlib
import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from celltrial.record import KINDS, Consent, Correction, Draft, Record, fold, to_payload, verify_record
from celltrial.record import store_sqlite as module
from celltrial.record.bodies import AdverseEvent, StudyOpened
from celltrial.record.canonical import GENESIS
from celltrial.record.envelope import FORMAT, Place, seal
from celltrial.record.projection import project
from celltrial.record.store import Standing
from celltrial.record.store_sqlite import SqliteStore
from celltrial.record.upcasts import UPCASTS
from unit.record.support import ANNA, CHEN, START, STUDY, lab, later

FILES = Path(__file__).parent / "record-files"
VERSIONS = list(csv.DictReader(FILES.joinpath("versions.csv").read_text(encoding="utf-8").splitlines()))
NAMES = [line["file"] for line in VERSIONS]


@pytest.fixture(params=NAMES)
def golden(request, tmp_path):
    """A copy of a golden file, with what was written beside it by hand."""
    expected = json.loads(FILES.joinpath(request.param).with_suffix(".json").read_text(encoding="utf-8"))
    path = tmp_path / "record.db"
    path.write_bytes(FILES.joinpath(request.param).read_bytes())
    return path, expected


def test_every_schema_has_its_golden_file():
    """Each version of the file and of the envelope up to today's is listed; the files are those that were listed."""
    assert {int(line["schema"]) for line in VERSIONS} == set(range(1, module._SCHEMA_VERSION + 1))
    assert {int(line["format"]) for line in VERSIONS} == set(range(1, FORMAT + 1))
    assert {path.name for path in FILES.glob("*.db")} == set(NAMES)
    for line in VERSIONS:
        content = FILES.joinpath(line["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == line["sha256"], line["file"]
        database = sqlite3.connect(f"{FILES.joinpath(line['file']).as_uri()}?mode=ro&immutable=1", uri=True)
        assert database.execute("PRAGMA user_version").fetchone()[0] == int(line["schema"])
        mark = f'"format":{line["format"]},'.encode()
        assert database.execute("SELECT DISTINCT instr(content, ?) > 0 FROM event", [mark]).fetchall() == [(1,)]
        database.close()


def test_the_newest_golden_file_holds_every_type_of_event():
    """An event type without an event in a golden file could change unseen."""
    database = sqlite3.connect(f"{FILES.joinpath(NAMES[-1]).as_uri()}?mode=ro&immutable=1", uri=True)
    stored = {name for (name,) in database.execute("SELECT DISTINCT type FROM event")}
    database.close()
    assert stored == KINDS.keys()


def test_a_golden_file_verifies_as_it_is(golden):
    """Unopened by any writer: every hash, link, type and projection."""
    path, expected = golden
    result = verify_record(path)
    assert (result.ok, result.findings) == (True, ())
    assert (result.events, result.head) == (expected["events"], expected["head"])


def test_a_golden_file_replays_to_the_state_it_had(golden):
    """Counts, keys and values as they were written down by hand; the same after a rebuild of the projection."""
    path, expected = golden
    record = Record.open(path, STUDY)
    for _ in range(2):
        state = record.state()
        assert dict(sorted(Counter(event.type for event in record.events()).items())) == expected["types"]
        assert [str(each) for each in state.subjects] == expected["subjects"]
        assert [entry.seq for entry in state.voided] == expected["entered in error"]
        redacted = {str(event.seq): list(event.redacted) for event in record.events() if event.redacted}
        assert redacted == expected["redacted"]
        record.rebuild()
    record.close()
    assert verify_record(path).ok


def test_every_value_of_a_golden_file_that_was_written_down_is_there(golden):
    """Field by field, of the standing entries and of the envelopes."""
    path, expected = golden
    record = Record.open(path, STUDY)
    state, events = record.state(), record.events()
    for seq, fields in expected["standing"].items():
        body = to_payload(state.entry(int(seq)).body)
        assert {name: body[name] for name in fields} == fields, seq
    for seq, fields in expected["envelope"].items():
        event = events[int(seq) - 1]
        found = {"why": event.why, "source_at": event.source_at, "via": event.via, "person": event.author.person}
        found |= {"printed_name": event.author.printed_name, "recorded_at": event.recorded_at.isoformat()}
        assert {name: found[name] for name in fields} == fields, seq
    for moment, past in expected["as of"].items():
        before = record.state(as_of=datetime.fromisoformat(moment))
        body = to_payload(before.entry(past["entry"]).body)
        assert (before.length, {name: body[name] for name in past["fields"]}) == (past["events"], past["fields"])
    record.close()


def test_a_golden_file_can_be_written_on(golden):
    """The next event joins the old chain; the stored bytes of the old events stay as they were."""
    path, expected = golden
    before = _contents(path)
    record = Record.open(path, STUDY)
    record.append([Draft(body=lab(row="77"), subject=ANNA)], author=CHEN, at=record.state().as_of)
    record.close()
    result = verify_record(path)
    assert (result.ok, result.events, result.findings) == (True, expected["events"] + 1, ())
    assert _contents(path)[:-1] == before


def _contents(path):
    database = sqlite3.connect(path)
    rows = database.execute("SELECT seq, prev, hash, content FROM event ORDER BY seq").fetchall()
    database.close()
    return rows


# what an imagined older release wrote, for the types below
@dataclass(frozen=True, slots=True, kw_only=True)
class OldConsent:
    TYPE: ClassVar[str] = "consent"
    VERSION: ClassVar[int] = 1
    signed_on: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldAdverseEvent:
    TYPE: ClassVar[str] = "adverse_event"
    VERSION: ClassVar[int] = 1
    number: str
    term: str
    soc: str
    onset: str
    grade: str
    serious: str
    related_product: str


def _write_as_then(path, body):
    """A record file as the older release left it: events and projection of its own body types."""
    store, rows, lines, prev = SqliteStore.create(path), [], [], GENESIS
    for seq, (each, subject) in enumerate([(StudyOpened(study="TINY"), None), (body, ANNA)], start=1):
        place = Place(
            seq=seq, author=CHEN, at=START, base_seq=seq - 1, study_hash="a" * 64, prev=prev, salts=lambda n: bytes(n)
        )
        _, row = seal(Draft(body=each, subject=subject), place)
        text = json.dumps(dataclasses.asdict(each), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        rows.append(row)
        lines.append(Standing(seq, seq, each.TYPE, subject, text, 0))
        prev = row.hash
    with store.writing():
        store.add(rows)
        store.keep(lines)
    store.close()


def test_an_event_of_an_older_version_is_lifted_from_end_to_end(tmp_path, monkeypatch):
    """Consent raised to version 2: a file of version 1 verifies, reads as version 2, is corrected in version 2; its
    stored bytes and its projection stay as the older release wrote them."""
    path = tmp_path / "record.db"
    _write_as_then(path, OldConsent(signed_on="2026-01-05", form="2.0"))
    assert not verify_record(path).ok
    monkeypatch.setattr(Consent, "VERSION", 2)

    def lift(old):
        return {"signed_at": old["signed_on"], "document_version": old["form"]}

    monkeypatch.setitem(UPCASTS, ("consent", 1), lift)
    before = _contents(path)
    assert verify_record(path).findings == ()
    record = Record.open(path, STUDY)
    entry = record.state().latest(Consent, ANNA)
    assert entry.body == Consent(signed_at="2026-01-05", document_version="2.0")
    assert (entry.event.version, entry.event.payload) == (1, {"signed_on": "2026-01-05", "form": "2.0"})
    fix = Correction(target=2, replace={"document_version": "2.1"})
    record.append([Draft(body=fix, subject=ANNA, why="misread")], author=CHEN, at=later())
    assert record.state().latest(Consent, ANNA).body.document_version == "2.1"
    record.append(
        [Draft(body=Consent(signed_at="2026-02", document_version="3"), subject=ANNA)], author=CHEN, at=later()
    )
    assert [event.version for event in record.events() if event.type == "consent"] == [1, 2]
    record.close()
    assert verify_record(path).findings == ()
    assert _contents(path)[:2] == before


def test_a_field_that_came_later_reads_as_its_default(tmp_path):
    """An event written before its type had `outcome` and `comment`: same version, verified, defaults filled in."""
    path = tmp_path / "record.db"
    fields = {"number": "1", "term": "Fever", "soc": "x", "onset": "2026", "grade": "1"}
    _write_as_then(path, OldAdverseEvent(**fields, serious="no", related_product="yes"))
    assert verify_record(path).findings == ()
    record = Record.open(path, STUDY)
    assert record.state().adverse_events(ANNA)[0].body == AdverseEvent(**fields, serious="no", related_product="yes")
    record.close()


def test_a_projection_that_says_something_else_is_no_older_line(tmp_path):
    """What an older release left out is forgiven; another value is not."""
    path = tmp_path / "record.db"
    fields = {"number": "1", "term": "Fever", "soc": "x", "onset": "2026", "grade": "1"}
    _write_as_then(path, OldAdverseEvent(**fields, serious="no", related_product="yes"))
    database = sqlite3.connect(path)
    with database:
        database.execute("""UPDATE standing SET body = replace(body, '"grade":"1"', '"grade":"2"') WHERE entry = 2""")
    database.close()
    assert [each.message for each in verify_record(path).findings] == ["the projection is not what the events give"]


def test_the_projection_of_a_golden_file_is_the_one_its_release_wrote(golden):
    """Where the file has a projection, today's replay gives the same lines."""
    path, _ = golden
    store = SqliteStore.open(path, read_only=True)
    standing = store.standing()
    store.close()
    record = Record.open(path, STUDY)
    replayed = {line.entry: line for line in project(fold(record.events()))}
    record.close()
    if standing is not None:
        assert {line.entry: (line.event, line.void) for line in sorted(standing)} == {
            entry: (line.event, line.void) for entry, line in replayed.items()
        }
