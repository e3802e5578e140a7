"""Verification: every changed byte is found and its event named; what a chain cannot see is said so by a test, too."""

import shutil
import sqlite3
from secrets import token_bytes

import pytest

from celltrial.errors import InputError, TamperedError
from celltrial.record import Correction, Record, verify_record
from celltrial.record.canonical import canonical_json, compute_link, parse_canonical_json
from celltrial.record.opening import compute_items, make_opening, read_opening
from celltrial.record.store_sqlite import SqliteStore
from celltrial.record.verify import verify_rows
from unit.record.support import ANNA, BERTA, STUDY, adverse_event, consent, lab, new_record, write


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A record of seven events that nobody writes to any more."""
    folder = tmp_path_factory.mktemp("whole")
    record = new_record(folder)
    write(record, consent())
    write(record, lab("<5", comment="重复"))
    write(record, consent(), BERTA)
    write(record, adverse_event())
    write(record, Correction(target=3, replace={"items.value": "5"}), why="misread")
    write(record, lab("positive", row="2"))
    record.close()
    return folder / "record.db"


@pytest.fixture
def path(whole, tmp_path):
    """A copy to tamper with."""
    return shutil.copy(whole, tmp_path / "record.db")


def alter(path, *statements):
    """Change the file as someone who holds it can: the triggers do not stop them."""
    database = sqlite3.connect(path)
    database.execute("DROP TRIGGER event_is_never_changed")
    database.execute("DROP TRIGGER event_is_never_deleted")
    database.execute("DROP TRIGGER opening_only_loses")
    for statement, *values in statements:
        database.execute(statement, values)
    database.commit()
    database.close()


def test_a_whole_record_verifies(whole):
    """Nothing found; the head is that of the last event."""
    result = verify_record(whole)
    assert (result.ok, result.events, result.findings) == (True, 7, ())
    assert result.head == Record.open(whole, STUDY).head


def test_every_changed_byte_is_found_and_its_event_named(whole):
    """Exhaustive: each byte of each stored column of each event, one bit changed."""
    store = SqliteStore.open(whole)
    rows, head = store.read(), store.head()
    changes = 0
    for index, row in enumerate(rows):
        variants = [row._replace(seq=row.seq ^ (1 << bit)) for bit in range(6)]
        for name in (
            "type",
            "recorded_at",
            "prev",
            "hash",
            "content",
            "opening",
            *(("subject",) if row.subject else ()),
        ):
            value = getattr(row, name)
            data = value if isinstance(value, bytes) else value.encode()
            for position in range(len(data)):
                flipped = bytearray(data)
                flipped[position] ^= 1 << (position % 7)
                changed = bytes(flipped) if isinstance(value, bytes) else bytes(flipped).decode("utf-8", "replace")
                variants.append(row._replace(**{name: changed}))
        variants.append(row._replace(subject=None if row.subject else "01-009"))
        for variant in variants:
            findings = verify_rows([*rows[:index], variant, *rows[index + 1 :]], head)
            names = (f"event {row.seq} ", f"event {variant.seq} ")
            assert any(finding.where.startswith(names) for finding in findings), variant
        changes += len(variants)
    assert changes > 4000


@pytest.mark.parametrize(
    ("statement", "event", "message"),
    [
        ("UPDATE event SET content = replace(content, 'chen', 'wang') WHERE seq = 3", 3, "does not give the stored"),
        ("UPDATE opening SET lines = replace(lines, '<5', '<6') WHERE seq = 3", 3, "are not those that were hashed"),
        (
            "UPDATE opening SET lines = replace(lines, '2026', '2025') WHERE seq = 2",
            2,
            "are not those that were hashed",
        ),
        (
            "UPDATE event SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 7",
            7,
            "does not give the stored hash",
        ),
        ("UPDATE event SET prev = hash WHERE seq = 4", 4, "the link to the event before it is broken"),
        ("UPDATE event SET subject = '01-002' WHERE seq = 2", 2, "column subject is not what was hashed"),
        ("UPDATE event SET type = 'visit' WHERE seq = 2", 2, "column type is not what was hashed"),
        ("UPDATE event SET type = CAST(x'ff' AS TEXT) WHERE seq = 2", 2, "column type is not what was hashed"),
        ("UPDATE event SET recorded_at = '2020' WHERE seq = 5", 5, "column recorded_at is not what was hashed"),
        ("UPDATE event SET seq = 70 WHERE seq = 7", 70, "event 7 to 69 is missing before this one"),
        ("DELETE FROM event WHERE seq = 4", 5, "event 4 is missing before this one"),
        ("DELETE FROM event WHERE seq = 7", 6, "the end of the record is not where the file says"),
        ("UPDATE head SET length = 6", 7, "the end of the record is not where the file says"),
    ],
)
def test_what_sql_can_change_is_found(path, statement, event, message):
    """Through the file: the finding names number, type, subject and time of the event."""
    for column in ("content", "lines"):
        # replace() works on text
        start = f"replace({column}"
        if start in statement:
            statement = statement.replace(start, f"CAST(replace(CAST({column} AS TEXT)").replace("')", "') AS BLOB)")
    alter(path, (statement,))
    result = verify_record(path)
    assert not result.ok
    finding = next(each for each in result.findings if message in each.message)
    assert finding.where.startswith(f"event {event} (")
    assert "2026-01-05T" in finding.where or event == 5


def test_swapped_events_are_found(path):
    """Two events change places."""
    alter(
        path,
        ("UPDATE event SET seq = 99 WHERE seq = 2",),
        ("UPDATE event SET seq = 2 WHERE seq = 3",),
        ("UPDATE event SET seq = 3 WHERE seq = 99",),
    )
    found = {finding.where.split(" (")[0] for finding in verify_record(path).findings}
    assert {"event 2", "event 3"} <= found


def rebuild(path, change, start):
    """Rewrite events from number `start` on, with their hashes: what whoever holds the file can do."""
    store = SqliteStore.open(path)
    rows = store.read()
    store.close()
    prev, statements = "0" * 64, []
    for row in rows:
        fields = dict(parse_canonical_json(row.content))
        opened, opening = read_opening(row.opening), row.opening
        if row.seq == start:
            fields["payload"] = opened.payload
            change(fields)
            opening = make_opening(fields.pop("payload"), opened.why, token_bytes)
            fields["items"] = compute_items(opening)
        content = canonical_json(fields)
        link = compute_link(prev, content)
        statements += [
            (
                "UPDATE event SET content=?, prev=?, hash=?, recorded_at=?, type=?, subject=? WHERE seq=?",
                *(content, prev, link, fields["recorded_at"], fields["type"], fields["subject"], row.seq),
            ),
            ("UPDATE opening SET lines=? WHERE seq=?", opening, row.seq),
        ]
        prev = link
    alter(path, *statements, ("UPDATE head SET hash = ?", prev))


def test_a_rebuilt_chain_passes_as_the_documentation_says(path):
    """The known limit of any chain: an edit with every later hash rebuilt verifies; only an anchor outside tells."""
    rebuild(path, lambda fields: fields["payload"]["items"].update(value="<50"), 3)
    assert verify_record(path).ok
    page = " ".join(open_page().split())
    assert "rebuilds every hash after it" in page
    assert "cuts off the tail" in page


def open_page():
    from pathlib import Path

    return Path(__file__).parents[3].joinpath("docs", "record.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda fields: fields.update(recorded_at="2020-01-01T00:00:00.000000Z"), "recorded before the event ahead"),
        (lambda fields: fields.update(recorded_at="2026-01-05T23:59:59Z"), "not in its canonical form"),
        (lambda fields: fields["payload"].update(colour="red"), "a field that the event type does not have"),
        (lambda fields: fields["payload"].pop("form"), "a field is missing"),
        (lambda fields: fields.update(type="party"), "an event type or version that this program does not know"),
        (lambda fields: fields.update(version=2), "an event type or version that this program does not know"),
        (lambda fields: fields.update(seq="3"), "an envelope field that cannot be read"),
        (lambda fields: fields.update(mood="good"), "an envelope that this program does not know"),
        (lambda fields: fields["author"].pop("role"), "an envelope that this program does not know"),
    ],
)
def test_a_rebuilt_chain_must_still_be_a_record(path, change, message):
    """Schema, time and envelope are checked beside the hashes."""
    rebuild(path, change, 3)
    result = verify_record(path)
    assert message in "\n".join(f"{finding.where}: {finding.message}" for finding in result.findings)
    assert all(finding.where.startswith("event 3 ") for finding in result.findings if message in finding.message)


def test_a_correction_of_nothing_is_found(path):
    """A rebuilt correction whose target does not stand."""
    rebuild(path, lambda fields: fields["payload"].update(target=6), 6)
    assert "a correction of no standing event" in [finding.message for finding in verify_record(path).findings]


def test_content_that_is_not_canonical_is_found(path):
    """The same JSON with a blank in it, hashes rebuilt: one record has one text."""
    store = SqliteStore.open(path)
    row = store.read()[-1]
    store.close()
    content = row.content.replace(b'":', b'": ', 1)
    link = compute_link(row.prev, content)
    alter(path, ("UPDATE event SET content=?, hash=? WHERE seq=7", content, link), ("UPDATE head SET hash=?", link))
    assert [finding.message for finding in verify_record(path).findings] == ["not canonical JSON"]


def test_reading_stops_at_a_broken_link(path):
    """No state is computed from a record that was changed; an open record notices it in what it reads anew."""
    alter(path, ("UPDATE event SET hash = 'zz' || substr(hash, 3) WHERE seq = 5",))
    with pytest.raises(TamperedError, match=r"event 5 \(adverse_event, 01-001"):
        Record.open(path, STUDY)


def test_a_damaged_file_is_a_finding(path):
    """Garbage over the pages of the file, or a header that is no database's: a finding, no traceback."""
    content = bytearray(path.read_bytes())
    content[5000:9000] = b"\xaa" * 4000
    path.write_bytes(bytes(content))
    result = verify_record(path)
    assert not result.ok
    assert result.findings
    path.write_bytes(b"garbage" * 1000)
    assert [finding.message for finding in verify_record(path).findings] == ["the record file is damaged"]


def test_an_empty_record_does_not_verify(tmp_path):
    """A file that was made and never begun."""
    SqliteStore.create(tmp_path / "record.db").close()
    assert [finding.message for finding in verify_record(tmp_path / "record.db").findings] == [
        "the record has no event"
    ]


def test_no_file_is_wrong_use(tmp_path):
    """Verification of nothing is not a pass."""
    with pytest.raises(InputError, match="there is no record"):
        verify_record(tmp_path / "record.db")


def test_verification_changes_nothing(whole):
    """It opens the file for reading only."""
    before = whole.read_bytes()
    verify_record(whole)
    assert whole.read_bytes() == before
    assert ANNA in Record.open(whole, STUDY).state().subjects
