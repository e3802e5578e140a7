"""Backup, restore, drill: a backup taken while others write is whole; one that is not whole is never restored."""

import json
import multiprocessing
import os
import signal
import sqlite3
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from celltrial.cli import keeping as commands
from celltrial.codes import PersonId
from celltrial.decisions.trial import create_trial, open_trial
from celltrial.errors import CelltrialError, InputError, TamperedError
from celltrial.record import Author, Consent, Draft, Record, verify_record
from celltrial.record.backup import write_backup
from celltrial.record.bodies import BackupDrill, Redaction, RedactionApproval
from celltrial.record.restore import check_backup, compare_rows, restore_backup
from celltrial.record.store_postgres import PostgresStore
from celltrial.record.store_sqlite import SqliteStore
from celltrial.study import new_study
from e2e.record.writers import append_for_ever
from unit.record.support import ANNA, CHEN, LI, STUDY, lab, later, new_record, write

WU = Author(person=PersonId("datamanager.wu"), role="data_manager", site="01")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

app = typer.Typer(pretty_exceptions_enable=False)
commands.register(app)


def run(*words):
    """A command's exit code, stdout, and the findings it ended with, as `cli.main` would."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"CELLTRIAL_PERSON": "datamanager.wu"})
    if isinstance(result.exception, CelltrialError):
        return result.exception.exit_code, result.stdout, result.exception.findings
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, ()


@pytest.fixture
def folder(tmp_path):
    """A study folder: two files, a checkpoint, a private key, and a record of three events that stays open."""
    made = tmp_path / "study"
    made.mkdir()
    record = new_record(made)
    write(record, lab("96"))
    write(record, lab("97", row="2"))
    for name, content in (
        ("study.yaml", b"study: {id: TINY}\n"),
        ("checkpoints/checkpoint-000000001.txt", b"head\n"),
        ("signing.pem", b"-----BEGIN PRIVATE KEY-----\nsecret\n"),
        ("notes/key.txt", b"-----BEGIN PRIVATE KEY-----\nsecret\n"),
        ("old-backup.zip", b"PK"),
        (".hidden", b"x"),
    ):
        path = made / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    made.joinpath("link.txt").symlink_to("/etc/hostname")
    yield made
    record.close()


def back_up(folder, name="backup.zip"):
    return write_backup(folder / "record.db", folder, folder.parent / name, made_at=NOW)


def test_a_backup_holds_record_files_and_checkpoints_and_no_private_key(folder):
    """What is in it is listed with its SHA-256; what is not, with the reason; only its owner can read it."""
    done = back_up(folder)
    assert [each.name for each in done.manifest.files] == [
        "record.db",
        "study/checkpoints/checkpoint-000000001.txt",
        "study/study.yaml",
    ]
    assert set(done.manifest.left_out) == {"link.txt", "notes/key.txt", "old-backup.zip", "signing.pem"}
    assert (done.manifest.study, done.manifest.events, done.manifest.types["form"]) == ("TINY", 3, 2)
    assert stat.S_IMODE(done.file.stat().st_mode) == 0o600
    with zipfile.ZipFile(done.file) as archive:
        assert b"secret" not in b"".join(map(archive.read, archive.namelist()))
    assert sorted(path.name for path in folder.parent.iterdir()) == ["backup.zip", "study"]


def test_what_is_restored_is_what_was_backed_up(folder, tmp_path):
    """Every event and every file, byte by byte; the record can be written to at once."""
    back_up(folder)
    restore_backup(tmp_path / "backup.zip", tmp_path / "again")
    for name in ("study.yaml", "checkpoints/checkpoint-000000001.txt"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    before, after = SqliteStore.open(folder / "record.db"), SqliteStore.open(tmp_path / "again" / "record.db")
    assert (after.read(), after.standing(), after.head()) == (before.read(), before.standing(), before.head())
    before.close()
    after.close()
    record = Record.open(tmp_path / "again" / "record.db", STUDY)
    write(record, lab(row="3"))
    record.close()
    assert verify_record(tmp_path / "again" / "record.db").events == 4


def test_nothing_is_overwritten(folder, tmp_path):
    """Neither a backup of that name nor a folder with anything in it."""
    back_up(folder)
    content = (tmp_path / "backup.zip").read_bytes()
    with pytest.raises(InputError, match="never overwritten"):
        back_up(folder)
    assert (tmp_path / "backup.zip").read_bytes() == content
    with pytest.raises(InputError, match="new or empty folder only"):
        restore_backup(tmp_path / "backup.zip", folder)
    with pytest.raises(InputError, match="no such folder"):
        restore_backup(tmp_path / "backup.zip", tmp_path / "absent" / "again")
    tmp_path.joinpath("empty").mkdir()
    restore_backup(tmp_path / "backup.zip", tmp_path / "empty")


def test_eight_backups_under_a_running_writer_are_whole(tmp_path):
    """While another program appends all the time: each is one state of the record, and holds every event that was
    acknowledged before it began."""
    path = tmp_path / "study" / "record.db"
    path.parent.mkdir()
    new_record(path.parent).close()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["celltrial.record", "filelock", "dateutil.relativedelta"])
    receive, send = context.Pipe(duplex=False)
    writer = context.Process(target=append_for_ever, args=(path, "01-001", send), daemon=True)
    writer.start()
    acknowledged = dict(receive.recv())
    events = []
    try:
        for number in range(8):
            while receive.poll():
                acknowledged |= dict(receive.recv())
            done = write_backup(path, path.parent, tmp_path / f"{number}.zip", made_at=NOW)
            stored = {row.seq: row.hash for row in check_backup(done.file).rows}
            assert acknowledged.items() <= stored.items()
            events.append(done.manifest.events)
            acknowledged |= dict(receive.recv())
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        receive.close()
    assert events == sorted(set(events))


def rewrite(source, target, change):
    """The archive with its members changed: `change(name, content)` gives the new content, or None to leave it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def manifest_with(**changes):
    return lambda name, content: (
        json.dumps(json.loads(content) | changes).encode() if name == "manifest.json" else content
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, content: None if name == "record.db" else content, "a file of the backup is missing"),
        (lambda name, content: content + b"#" if name == "study/study.yaml" else content, "is not what was put in"),
        (lambda name, content: content.replace(b'"97"', b'"79"') if name == "record.db" else content, "put in"),
        (manifest_with(events=2), "not what the manifest says"),
        (manifest_with(head="0" * 64), "not what the manifest says"),
        (manifest_with(files=[]), "a file that the manifest does not name"),
    ],
)
def test_a_backup_that_was_changed_is_found_and_not_restored(folder, tmp_path, change, message):
    """Each change to a member is named; nothing is left in the place it was to be restored to."""
    back_up(folder)
    rewrite(tmp_path / "backup.zip", tmp_path / "changed.zip", change)
    assert any(message in each.message for each in check_backup(tmp_path / "changed.zip").findings)
    with pytest.raises(TamperedError, match=message):
        restore_backup(tmp_path / "changed.zip", tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["../escaped.txt", "/tmp/escaped.txt", "study/../../escaped.txt", "..\\escaped.txt"])
def test_a_name_that_leads_out_of_the_folder_is_not_written(folder, tmp_path, name):
    """An archive from elsewhere can name any file; none outside the new folder is written."""
    back_up(folder)
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
    files.append({"name": name, "bytes": 1, "sha256": "0" * 64})
    rewrite(tmp_path / "backup.zip", tmp_path / "odd.zip", manifest_with(files=files))
    with zipfile.ZipFile(tmp_path / "odd.zip", "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(TamperedError):
        restore_backup(tmp_path / "odd.zip", tmp_path / "again")
    assert not list(tmp_path.rglob("escaped.txt"))
    assert not Path("/tmp/escaped.txt").exists()


@pytest.mark.parametrize("keep", [0, 10, 2000])
def test_a_backup_that_was_cut_off_is_bad_input(folder, tmp_path, keep):
    """At any length: no traceback, nothing restored."""
    back_up(folder)
    tmp_path.joinpath("short.zip").write_bytes(tmp_path.joinpath("backup.zip").read_bytes()[:keep])
    with pytest.raises(InputError, match="damaged, or no backup at all"):
        check_backup(tmp_path / "short.zip")


def test_a_zip_that_is_no_backup(tmp_path):
    """Without a manifest, with one of another program, with one of a later format."""
    for content in (None, "{}", json.dumps({"format": 99})):
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
            archive.writestr("x" if content is None else "manifest.json", content or "x")
        with pytest.raises(InputError, match="not a backup that this program can read"):
            check_backup(tmp_path / "other.zip")
    with pytest.raises(InputError, match="there is no backup"):
        check_backup(tmp_path / "absent.zip")


def test_a_record_that_does_not_verify_is_not_backed_up(folder, tmp_path):
    """A backup that nobody could restore would be taken for a good one."""
    database = sqlite3.connect(folder / "record.db")
    with database:
        database.execute("DROP TRIGGER event_is_never_changed")
        database.execute("UPDATE event SET subject = '01-002' WHERE seq = 2")
    database.close()
    with pytest.raises(TamperedError, match="column subject is not what was hashed"):
        back_up(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study"]


def test_a_backup_beside_the_record_in_use(folder, tmp_path):
    """What is newer in the record, what it has lost, where the two part, and what was redacted since."""
    old = check_backup(back_up(folder).file)
    record = Record.open(folder / "record.db", STUDY)
    write(record, lab(row="3"))
    asked = write(record, Redaction(target=2, fields=("items.value",)), why="a name")
    approval = Draft(body=RedactionApproval(redaction=asked.seq), subject=ANNA)
    record.append([approval], author=LI, at=later())
    record.close()
    store = SqliteStore.open(folder / "record.db", read_only=True)
    live = store.read()
    store.close()
    newer = compare_rows(old.rows, live)
    assert ([row.seq for row in newer.newer], newer.lost, newer.redacted, newer.findings) == ([4, 5, 6], (), 1, ())
    lost = compare_rows(live, old.rows)
    assert ([row.seq for row in lost.lost], lost.newer) == ([4, 5, 6], ())
    assert "has lost events that the backup holds" in lost.findings[0].message
    other = compare_rows(old.rows, [live[0], live[1], live[2]._replace(hash="0" * 64), *live[3:]])
    assert (other.parted.seq, len(other.newer)) == (3, 4)
    assert "event 3" in other.findings[0].where


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A study folder of CT1192 with a record of one event, an hour old."""
    folder = new_study(tmp_path_factory.mktemp("shipped") / "study", "ct1192")
    create_trial(folder, author=WU, at=datetime.now(UTC) - timedelta(hours=1)).record.close()
    return folder


@pytest.fixture
def study(shipped, tmp_path):
    """A copy of it, by way of a backup."""
    write_backup(shipped / "record.db", shipped, tmp_path / "first.zip", made_at=datetime.now(UTC))
    restore_backup(tmp_path / "first.zip", tmp_path / "study")
    tmp_path.joinpath("first.zip").unlink()
    return tmp_path / "study"


def test_the_commands_from_backup_to_drill(study, tmp_path):
    """Backup, check, restore, compare; the drill goes on record with the backup's SHA-256."""
    code, out, _ = run("backup", study, tmp_path / "b.zip", "--json")
    made = json.loads(out)
    assert (code, made["events"], "study/study.yaml" in made["files"]) == (0, 1, True)
    code, out, _ = run("drill", study, "--json")
    assert (code, json.loads(out)["whole"], json.loads(out)["event"]) == (0, "yes", 2)
    code, out, _ = run("restore", tmp_path / "b.zip", "--check", "--against", study, "--json")
    checked = json.loads(out)
    assert (code, checked["ok"], checked["head"], checked["sha256"]) == (0, True, made["head"], made["sha256"])
    assert [(row["seq"], row["type"]) for row in checked["newer"]] == [(2, "backup_drill")]
    code, out, _ = run("restore", tmp_path / "b.zip", tmp_path / "again", "--against", study)
    assert code == 0
    assert "1 events that this backup does not have" in out
    assert "event 2 (backup_drill" in out
    assert open_trial(tmp_path / "again").record.length == 1
    assert run("backup", study, tmp_path / "c.zip", "--drill")[0] == 0
    drills = [entry.body for entry in open_trial(study).record.state().entries(BackupDrill)]
    assert [(drill.whole, drill.events) for drill in drills] == [("yes", "1"), ("yes", "2")]
    assert drills[1].sha256 == json.loads(run("restore", tmp_path / "c.zip", "--check", "--json")[1])["sha256"]


def test_the_commands_say_what_is_wrong(study, tmp_path):
    """Exit code 2 for a wrong use, 1 for a backup or a record that is not whole."""
    run("backup", study, tmp_path / "b.zip")
    assert run("backup", study, tmp_path / "b.zip")[0] == 2
    assert run("restore", tmp_path / "b.zip")[0] == 2
    assert run("restore", tmp_path / "b.zip", study)[0] == 2
    assert run("backup", tmp_path, tmp_path / "n.zip")[0] == 2
    rewrite(tmp_path / "b.zip", tmp_path / "bad.zip", manifest_with(events=7))
    code, out, _ = run("restore", tmp_path / "bad.zip", "--check")
    assert (code, "NOT whole" in out) == (1, True)
    record = open_trial(study).record
    record.append(
        [Draft(body=Consent(signed_at="2026-01-05", document_version="1"), subject=ANNA)], author=_li(), at=_now()
    )
    record.close()
    run("backup", study, tmp_path / "newer.zip")
    assert run("restore", tmp_path / "newer.zip", "--check", "--against", study)[0] == 0
    older = tmp_path / "older"
    run("restore", tmp_path / "b.zip", older)
    code, out, _ = run("restore", tmp_path / "newer.zip", "--check", "--against", older, "--json")
    assert (code, [row["type"] for row in json.loads(out)["lost"]]) == (1, ["consent"])


def _li():
    return Author(person=PersonId("investigator.li"), role="investigator", site="01", printed_name="Li")


def _now():
    return datetime.now(UTC)


def test_the_doctor_speaks_json(study):
    """Each check with its outcome; nothing refused on a study that was just made."""
    code, out, _ = run("doctor", study, "--json")
    document = json.loads(out)
    outcomes = {each["name"]: each["outcome"] for each in document["checks"]}
    assert (code, document["ok"], outcomes["record"], outcomes["backup drill"]) == (0, True, "ok", "warning")
    study.joinpath("record.db").chmod(0o666)
    code, out, _ = run("doctor", study)
    assert code == 1
    assert "chmod go-w" in out


def test_a_record_in_postgresql_is_backed_up_and_restored_either_way(new_database, tmp_path):
    """From the database into a file, from there into another database: the same events, the same projection."""
    folder = tmp_path / "study"
    folder.mkdir()
    folder.joinpath("study.yaml").write_text("study: {id: TINY}\n")
    first, second = new_database(), new_database()
    record = Record.create(first, STUDY, author=CHEN, at=NOW)
    record.append([Draft(body=lab(), subject=ANNA)], author=CHEN, at=NOW)
    record.close()
    done = write_backup(first, folder, tmp_path / "b.zip", made_at=NOW)
    assert (done.manifest.source, done.manifest.events) == ("PostgreSQL", 2)
    restore_backup(done.file, tmp_path / "as-file")
    restore_backup(done.file, tmp_path / "as-database", database=second)
    assert not (tmp_path / "as-database" / "record.db").exists()
    stores = [
        PostgresStore.open(first),
        PostgresStore.open(second),
        SqliteStore.open(tmp_path / "as-file" / "record.db"),
    ]
    rows = [(store.read(), sorted(store.standing()), store.head()) for store in stores]
    for store in stores:
        store.close()
    assert rows[0] == rows[1] == rows[2]
    again = Record.open(second, STUDY)
    again.append([Draft(body=lab(row="2"), subject=ANNA)], author=CHEN, at=NOW)
    again.close()
