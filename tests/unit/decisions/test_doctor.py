"""Each check of the doctor, on facts that are in order and on facts that are not; and what is read off this machine."""

import fcntl
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from celltrial.decisions.doctor import examine, judge_keeping, judge_machine, machine
from celltrial.decisions.doctor.facts import ClockFacts, DatabaseFacts, DiskFacts, FileFacts, RecordFileFacts
from celltrial.errors import Finding
from celltrial.record import Verification
from celltrial.record.bodies import BackupDrill, Redaction, RedactionApproval, RoleGrant
from celltrial.study import new_study
from trial_builder import COORDINATOR, START, Story

DISK = DiskFacts(mount="/", kind="ext4", is_read_only=False, free=50 << 30)
FILE = FileFacts(path="record.db", mode=0o600, owner=1000, user=1000)
RECORD = RecordFileFacts(journal="wal", level=2, bytes=1 << 20)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOCK = ClockFacts(now=NOW, synchronised="yes")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "ok"),
        ({"kind": "xfs"}, "ok"),
        ({"kind": "nfs4"}, "refused"),
        ({"kind": "cifs"}, "refused"),
        ({"kind": "fuse.sshfs"}, "refused"),
        ({"is_read_only": True}, "refused"),
        ({"kind": "tmpfs"}, "warning"),
        ({"kind": "overlay"}, "warning"),
        ({"kind": ""}, "unknown"),
    ],
)
def test_the_file_system_is_local_and_stays(changes, outcome):
    """A share's locks are not relied on; what is gone after a restart is no place; what is not named is not known."""
    assert judge_machine.check_file_system(replace(DISK, **changes)).outcome == outcome


@pytest.mark.parametrize(
    ("free", "record", "outcome"),
    [
        (50 << 30, 1 << 20, "ok"),
        (500 << 20, 1 << 20, "warning"),
        (10 << 20, 1, "refused"),
        (1 << 30, 900 << 20, "refused"),
    ],
)
def test_there_is_room_for_events_and_a_backup(free, record, outcome):
    """Measured against the record's own size too."""
    assert judge_machine.check_free_space(replace(DISK, free=free), record).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "outcome", "mend"),
    [
        ({}, "ok", ""),
        ({"mode": 0o640}, "ok", ""),
        ({"user": 0}, "ok", ""),
        ({"mode": 0o602}, "refused", "chmod go-w record.db"),
        ({"mode": 0o1777}, "refused", "chmod go-w record.db"),
        ({"mode": 0o660}, "warning", "chmod g-w record.db"),
        ({"mode": 0o644}, "warning", "chmod o-rwx record.db"),
        ({"user": 1001}, "warning", "run celltrial as the account"),
    ],
)
def test_only_its_owner_writes_to_the_record(changes, outcome, mend):
    """Others who can write are refused; each finding says what to type."""
    check = judge_machine.check_rights(replace(FILE, **changes))
    assert check.outcome == outcome
    assert mend in (check.finding.next_step if check.finding else "")


@pytest.mark.parametrize(
    ("journal", "level", "outcome"), [("wal", 2, "ok"), ("delete", 2, "refused"), ("wal", 1, "refused")]
)
def test_every_commit_is_synced(journal, level, outcome):
    """Another journal, or NORMAL, is refused."""
    assert judge_machine.check_settings(replace(RECORD, journal=journal, level=level)).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "ok"),
        ({"log_bytes": 4096, "log_age_s": 60}, "ok"),
        ({"log_bytes": 4096, "log_age_s": 2 * 86_400}, "warning"),
        ({"log_bytes": 200 << 20}, "warning"),
    ],
)
def test_a_log_that_nobody_folded_in_is_told(changes, outcome):
    """The file alone is not the record then."""
    assert judge_machine.check_log(replace(RECORD, **changes)).outcome == outcome


@pytest.mark.parametrize(("held", "outcome"), [(None, "ok"), (0.1, "ok"), (600, "warning")])
def test_a_lock_that_is_held_for_long_is_told(held, outcome):
    """A writer that hangs keeps all others out."""
    assert judge_machine.check_lock(replace(RECORD, lock_held_s=held)).outcome == outcome


@pytest.mark.parametrize(("synchronised", "outcome"), [("yes", "ok"), ("no", "warning"), ("", "unknown")])
def test_the_clock_is_kept_by_a_time_service(synchronised, outcome):
    """What cannot be asked is unknown, with the reason."""
    check = judge_machine.check_clock(replace(CLOCK, synchronised=synchronised, because="nobody says"))
    assert check.outcome == outcome
    assert ("nobody says" in check.found) == (outcome == "unknown")


def test_the_last_event_lies_in_the_past():
    """A time in the future: the clock was moved; in a simulated record it means nothing."""
    hour = timedelta(hours=1)
    judge = judge_machine.check_last_time
    assert judge(CLOCK, NOW - hour, is_simulated=False).outcome == "ok"
    assert judge(CLOCK, NOW + hour, is_simulated=False).outcome == "refused"
    assert "1:00:00 from now" in judge(CLOCK, NOW + hour, is_simulated=False).found
    assert judge(CLOCK, NOW + hour, is_simulated=True).outcome == "ok"
    assert judge(CLOCK, None, is_simulated=False).outcome == "unknown"


def test_a_database_over_the_network_is_encrypted():
    """A local socket needs no TLS; what the store finds unsafe is refused, each as it was found."""
    local = DatabaseFacts(role="app", is_local=True, is_encrypted=False)

    def outcomes(facts, *found):
        return [each.outcome for each in judge_machine.check_database(facts, found)]

    assert outcomes(local) == ["ok", "ok"]
    assert outcomes(replace(local, is_local=False, is_encrypted=True)) == ["ok", "ok"]
    assert outcomes(replace(local, is_local=False)) == ["ok", "refused"]
    assert outcomes(local, Finding(message="owner"), Finding(message="fsync")) == ["refused", "refused", "ok"]


def test_a_record_that_is_not_whole_is_refused():
    """With the first of what verification found."""
    whole = Verification(ok=True, events=3, head="a" * 64, findings=())
    broken = replace(whole, ok=False, findings=(Finding(message="the link is broken", where="event 2"),))
    assert judge_keeping.check_whole(whole).outcome == "ok"
    assert judge_keeping.check_whole(broken).outcome == "refused"
    assert "the link is broken" in judge_keeping.check_whole(broken).finding.message


def test_study_files_are_as_they_were_sealed():
    """A changed line is refused; a version that nobody sealed is a warning."""
    judge = judge_keeping.check_study_files
    assert judge((), has_seal=True).outcome == "ok"
    assert judge((), has_seal=False).outcome == "warning"
    assert judge((Finding(message="not what the version says"),), has_seal=True).outcome == "refused"


def test_roles_are_granted_by_name():
    """No delegation log: who writes is taken at their word."""
    story = Story()
    judge = judge_keeping.check_delegation_log
    assert judge(story.state, is_simulated=False).outcome == "warning"
    assert judge(story.state, is_simulated=True).outcome == "ok"
    story.write(RoleGrant(person="investigator.li", role="investigator", site="01", starts_on="2025-07-11"))
    assert judge(story.state, is_simulated=False).outcome == "ok"


def test_checkpoints_are_of_today_while_the_record_grows():
    """No key, no file, and a file of long ago with events since are told; an old one of a record at rest is not."""
    state = Story().state

    def judge(last, now=NOW, **given):
        return judge_keeping.check_checkpoints(
            state, last, now, **({"has_key": True, "is_simulated": False} | given)
        ).outcome

    assert judge(None, has_key=False) == "warning"
    assert judge(None, has_key=False, is_simulated=True) == "ok"
    assert judge(None) == "warning"
    assert judge(START + timedelta(minutes=1)) == "ok"
    assert judge(START - timedelta(days=2), now=START + timedelta(minutes=1)) == "warning"
    assert judge(START - timedelta(hours=2), now=START + timedelta(minutes=1)) == "ok"


@pytest.mark.parametrize(
    ("key", "folder", "beside", "outcome"),
    [
        (0o600, 0o700, False, "ok"),
        (0o600, 0o755, False, "ok"),
        (0o640, 0o700, False, "refused"),
        (0o600, 0o777, False, "refused"),
        (0o600, 0o700, True, "warning"),
    ],
)
def test_the_key_is_its_owners_alone_and_elsewhere(key, folder, beside, outcome):
    """A key that others can read signs for them; one beside the record is taken with it."""
    check = judge_keeping.check_key_file(
        replace(FILE, mode=key), replace(FILE, path="keys", mode=folder), is_beside_record=beside
    )
    assert check.outcome == outcome
    assert judge_keeping.check_key_file(None, None, is_beside_record=False).outcome == "ok"


def test_a_backup_was_tried_out_lately():
    """Never, long ago, and without success are three different things."""
    story = Story()

    def judge(now, **given):
        return judge_keeping.check_drill(story.state, now, **({"is_simulated": False} | given)).outcome

    assert (judge(NOW), judge(NOW, is_simulated=True)) == ("warning", "ok")
    fields = {"made_at": "2025-07-11T01:00:00Z", "sha256": "0" * 64, "events": "1", "head": "0" * 64}
    story.write(BackupDrill(**fields, whole="yes"))
    assert (judge(START + timedelta(days=89)), judge(START + timedelta(days=91))) == ("ok", "warning")
    story.write(BackupDrill(**fields, whole="no", findings="a file is missing"))
    assert judge(START + timedelta(days=1)) == "refused"


def test_a_redaction_waits_for_a_second_person():
    """A week at most."""
    story = Story()

    def judge(day):
        return judge_keeping.check_redactions(story.state, START + timedelta(days=day)).outcome

    assert judge(30) == "ok"
    asked = story.write(Redaction(target=1, fields=("@why",)), why="a name was typed")
    assert (judge(1), judge(8)) == ("ok", "warning")
    story.write(RedactionApproval(redaction=asked), author=COORDINATOR)
    assert judge(30) == "ok"


def test_the_longest_mount_is_the_one_a_file_is_on():
    """As the kernel lists them, with blanks in names."""
    lines = [
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
        "40 22 0:35 / /mnt/my\\040share ro - cifs //host/x rw",
    ]
    assert machine.find_mount(Path("/home/a"), lines)[:2] == ("/", "ext4")
    assert machine.find_mount(Path("/mnt/my share/ct"), lines) == ("/mnt/my share", "cifs", ("ro", "rw"))
    assert machine.find_mount(Path("/mnt/my"), lines)[:2] == ("/", "ext4")
    assert machine.find_mount(Path("/home/a"), [])[1] == ""


@pytest.fixture
def study(tmp_path):
    """A study folder with a record, as `celltrial new` makes it."""
    from celltrial.decisions.trial import create_trial

    folder = new_study(tmp_path / "study", "ct1192")
    create_trial(folder, author=COORDINATOR, at=NOW - timedelta(days=1)).record.close()
    folder.chmod(0o700)
    folder.joinpath("record.db").chmod(0o600)
    return folder


def outcomes(study, now=NOW):
    checks = examine(study, study / "record.db", checkpoints=study / "checkpoints", keys=study.parent / "keys", now=now)
    return {each.name.replace(f"{study.parent}/", ""): each.outcome for each in checks}


def test_a_new_study_on_this_machine(study):
    """Every check is made on a real folder, and none refuses it; what was made wrong is then refused."""
    found = outcomes(study)
    clock = next(name for name in found if name.startswith("clock"))
    # a file system or clock that this machine does not name is not the study's fault
    expected = dict.fromkeys(found, "ok") | {clock: found[clock], "file system": found["file system"]}
    assert found == expected | dict.fromkeys(("delegation log", "checkpoints", "backup drill"), "warning")
    assert {"settings", "write-ahead log", "lock", "rights to study", "rights to study/record.db"} <= found.keys()
    study.chmod(0o777)
    study.joinpath("study.yaml").write_text(study.joinpath("study.yaml").read_text() + "x: 1\n")
    worse = outcomes(study, now=NOW - timedelta(days=2))
    refused = {name for name in worse if worse[name] == "refused"}
    assert refused == {"rights to study", "study files", "time of the last event"}


def test_a_damaged_record_is_refused_and_the_rest_still_told(study):
    """No traceback; the machine is examined all the same."""
    study.joinpath("record.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    found = outcomes(study)
    assert (found["settings"], found["record"], found["free space"]) == ("refused", "refused", "ok")
    study.joinpath("record.db").unlink()
    assert outcomes(study)["record"] == "refused"


def test_a_held_lock_is_seen(study):
    """By a program that still has it, with its age."""
    lock = study / "record.db.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.utime(lock, (NOW.timestamp() - 300,) * 2)
        assert machine.read_record_file(study / "record.db", NOW).lock_held_s == pytest.approx(300)
        assert outcomes(study)["lock"] == "warning"
    assert machine.read_record_file(study / "record.db", NOW).lock_held_s is None


def test_a_role_that_could_change_the_record_is_refused(postgres):
    """Read off a real server: the app role is in order, the owner's role is not; the socket is on this computer."""
    from postgres import APP, OWNER

    schema = postgres.new_schema()
    facts, findings = machine.read_database(postgres.url(APP, schema))
    assert (facts, findings) == (DatabaseFacts(role=APP, is_local=True, is_encrypted=False), ())
    facts, findings = machine.read_database(postgres.url(OWNER, schema))
    found = judge_machine.check_database(facts, findings)
    assert [each.outcome for each in found] == ["refused", "ok"]
    assert "owner of event" in found[0].found
