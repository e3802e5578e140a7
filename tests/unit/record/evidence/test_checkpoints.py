"""Checkpoints and keys: what is written, what is read back, who may sign what, and what the record keeps out.

Its lines are many because one record, with its keys and its folder, serves them all.
"""

import base64
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from celltrial.errors import CelltrialError, Finding, InputError, RefusedError, TamperedError
from celltrial.record import Draft, Record
from celltrial.record.bodies import CheckpointKey, Correction, DataCut
from celltrial.record.evidence.automatic import Signer, find_key, sign_now
from celltrial.record.evidence.checkpoints import Checkpoint, checkpoint_line, make_checkpoint, parse_checkpoint
from celltrial.record.evidence.comparison import Comparison, compare_rows
from celltrial.record.evidence.folder import CheckpointFile, advise_place, keep_checkpoint, read_checkpoints
from celltrial.record.evidence.key_history import key_in_use, keys_of_state, origin_of_state, rotate
from celltrial.record.evidence.signed_note import parse_key, parse_note
from celltrial.record.evidence.signing_keys import SigningKey, create_key, key_path, load_key, simulated_key
from unit.record.support import ANNA, CHEN, STUDY, adverse_event, consent, later, new_record, write


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    made = new_record(tmp_path)
    yield made
    made.close()


def a_key(record: Record, seed: str = "one") -> SigningKey:
    return simulated_key(origin_of_state(record.state()), seed)


def use(record: Record, key: SigningKey) -> None:
    write(record, CheckpointKey(key=str(key.verifier)), None)


def messages(comparison: Comparison) -> str:
    return " | ".join(each.message for each in comparison.findings)


def compare(record: Record, folder: Path, *trust: str) -> Comparison:
    return compare_rows(record.rows(), read_checkpoints(folder), trust)


def test_a_checkpoint_is_read_back_as_it_was_written(record: Record) -> None:
    """Origin, size, root, head, time and signature, byte for byte."""
    made = make_checkpoint(record.rows(), a_key(record), later())
    assert parse_checkpoint(str(made)) == made
    assert str(made).startswith(f"celltrial/TINY/{record.head[:16]}\n1\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n1\n", "\n01\n"),
        ("\n1\n", "\n0\n"),
        ("\nhead ", "\nHead "),
        ("Z\n", "+00:00\n"),
        ("time ", "\ntime "),
        ("— ", "- "),
        ("time ", "time\t"),
        ("head ", "more\nhead "),
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(record: Record, old: str, new: str) -> None:
    """A size with a leading zero, a line too many, another dash: nothing is guessed."""
    text = str(make_checkpoint(record.rows(), a_key(record), later()))
    with pytest.raises(InputError):
        parse_checkpoint(text.replace(old, new, 1))


@pytest.mark.parametrize(
    "text",
    ["", "name+00000000+AAAA", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "a b+00+?"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """Too short, an id that is not its own, a name with a blank."""
    with pytest.raises(InputError, match="not a verifier key"):
        parse_key(text)


def test_a_note_without_signatures_is_none() -> None:
    """A text and a blank line are not enough."""
    with pytest.raises(InputError, match="not a signed note"):
        parse_note("text\n\n")


def test_the_printed_line_has_size_root_head_time_and_key(record: Record) -> None:
    """What a signed document shows, and what it shows where there is nothing to show."""
    key = a_key(record)
    made = make_checkpoint(record.rows(), key, later())
    line = checkpoint_line(made, key.verifier)
    parts = ("1 events", made.root.hex()[:16], record.head[:16], f"{made.at:%Y-%m-%d}", key.verifier.fingerprint)
    assert all(part in line for part in parts)
    assert "none" in checkpoint_line(None)


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 600, read back; refused when others can read it, or could put another in its place."""
    key = create_key(tmp_path / "keys", "celltrial/TINY/0")
    path = key_path(tmp_path / "keys", key.verifier)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(tmp_path / "keys", key.verifier) is not None
    path.chmod(0o640)
    with pytest.raises(RefusedError, match="chmod 600"):
        load_key(tmp_path / "keys", key.verifier)
    path.chmod(0o600)
    path.parent.chmod(0o777)
    with pytest.raises(RefusedError, match="chmod 700"):
        load_key(tmp_path / "keys", key.verifier)


def test_a_key_with_a_passphrase_is_read_with_it_only(tmp_path: Path) -> None:
    """Without it, or with another, the file is of no use; no key is no error."""
    key = create_key(tmp_path, "celltrial/TINY/0", passphrase=b"correct horse")
    tmp_path.chmod(0o700)
    loaded = load_key(tmp_path, key.verifier, passphrase=b"correct horse")
    assert loaded is not None
    assert loaded.verifier == key.verifier
    for wrong in (None, b"battery staple"):
        with pytest.raises(InputError, match="cannot be read"):
            load_key(tmp_path, key.verifier, passphrase=wrong)
    assert load_key(tmp_path, simulated_key("celltrial/TINY/0", "x").verifier) is None


def test_a_key_in_anothers_file_is_refused(tmp_path: Path) -> None:
    """The file's name says which key it holds."""
    tmp_path.chmod(0o700)
    one, other = (create_key(tmp_path, "celltrial/TINY/0") for _ in range(2))
    os.replace(key_path(tmp_path, one.verifier), key_path(tmp_path, other.verifier))  # noqa: PTH105
    with pytest.raises(InputError, match="another key"):
        load_key(tmp_path, other.verifier)


def test_a_checkpoint_file_is_never_overwritten(record: Record, tmp_path: Path) -> None:
    """The same one again is nothing new; another of its size and time is refused."""
    made = make_checkpoint(record.rows(), a_key(record), later())
    path = keep_checkpoint(tmp_path / "c", made)
    assert keep_checkpoint(tmp_path / "c", made) == path
    with pytest.raises(InputError, match="never overwritten"):
        keep_checkpoint(tmp_path / "c", replace(made, head="0" * 64))
    assert path.read_text(encoding="utf-8") == str(made)


def test_a_place_on_the_disk_of_the_record_is_advised_against(tmp_path: Path) -> None:
    """One disk lost or held is both; the advice is no error."""
    (tmp_path / "record.db").touch()
    (finding,) = advise_place(tmp_path / "checkpoints", tmp_path / "record.db")
    assert "on the disk of the record" in finding.message


def test_a_first_key_has_no_proof_and_a_second_needs_one(record: Record) -> None:
    """A stranger's key is not taken, with no proof, a wrong one, or one by another key."""
    one, two, stranger = (a_key(record, seed) for seed in ("one", "two", "stranger"))
    with pytest.raises(RefusedError, match="nothing proves"):
        write(record, rotate(stranger, one.verifier), None)
    use(record, one)
    proof = base64.b64encode(stranger.sign(str(two.verifier).encode())).decode()
    for body in (
        CheckpointKey(key=str(two.verifier)),
        CheckpointKey(key=str(two.verifier), replaces=str(one.verifier)),
        CheckpointKey(key=str(two.verifier), replaces=str(one.verifier), proof=proof),
        rotate(stranger, two.verifier),
        CheckpointKey(key=str(one.verifier)),
    ):
        with pytest.raises(RefusedError):
            write(record, body, None)
    write(record, rotate(one, two.verifier), None)
    assert key_in_use(record.state()) == two.verifier
    keys, findings = keys_of_state(record.state())
    assert [(each.ended, each.since, each.until, each.vouched_by) for each in keys] == [
        ("replaced", 2, 3, None),
        ("", 3, None, one.verifier),
    ]
    assert findings == ()


def test_a_key_of_another_record_is_refused(record: Record) -> None:
    """A key carries the record's name."""
    with pytest.raises(RefusedError, match="another record"):
        use(record, simulated_key("celltrial/TINY/0000000000000000", "one"))


def test_a_key_event_is_not_corrected(record: Record) -> None:
    """Otherwise another key could be slipped in without a proof."""
    use(record, a_key(record))
    correction = Correction(target=2, replace={"key": str(a_key(record, "two").verifier)})
    with pytest.raises(RefusedError, match="not corrected"):
        write(record, correction, None, why="another key")


def test_a_retired_key_ends_and_may_be_found_compromised_later(record: Record) -> None:
    """Once retired it is not retired again, but it may turn out to be compromised; a first key may follow."""
    one = a_key(record)
    end = CheckpointKey(key=str(one.verifier), status="retired")
    with pytest.raises(RefusedError):
        write(record, end, None)
    use(record, one)
    write(record, end, None)
    assert key_in_use(record.state()) is None
    with pytest.raises(RefusedError):
        write(record, end, None)
    write(record, replace(end, status="compromised"), None)
    use(record, a_key(record, "two"))
    assert key_in_use(record.state()) == a_key(record, "two").verifier


def test_a_checkpoint_by_an_unknown_key_or_of_another_record_is_named(record: Record, tmp_path: Path) -> None:
    """Somebody else's signature, or the wrong folder."""
    use(record, a_key(record))
    keep_checkpoint(tmp_path / "a", make_checkpoint(record.rows(), a_key(record, "stranger"), later()))
    assert "signed by a key that the record does not name" in messages(compare(record, tmp_path / "a"))
    other = simulated_key("celltrial/TINY/0000000000000000", "one")
    keep_checkpoint(tmp_path / "b", make_checkpoint(record.rows(), other, later()))
    assert "a checkpoint of another record" in messages(compare(record, tmp_path / "b"))
    found = compare_rows(record.rows(), [CheckpointFile("checkpoint-1.txt", "\ufffd")])
    assert "not a signed note" in messages(found)


def test_two_checkpoints_of_one_size_may_not_differ(record: Record, tmp_path: Path) -> None:
    """Whoever has the key and signs two histories is found out by anybody who has both."""
    key = a_key(record)
    use(record, key)
    sign_now(record, tmp_path / "c", key, later())
    unsigned = make_checkpoint(record.rows(), key, later(), root=bytes(32))
    keep_checkpoint(tmp_path / "c", unsigned)
    assert "two checkpoints contradict each other" in messages(compare(record, tmp_path / "c"))


def test_no_second_history_is_signed(record: Record, tmp_path: Path) -> None:
    """Where the checkpoints say something else than the record, nothing is signed."""
    key = a_key(record)
    use(record, key)
    keep_checkpoint(tmp_path / "c", make_checkpoint(record.rows(), key, later(), root=bytes(32)))
    with pytest.raises(TamperedError, match="chain was rebuilt"):
        sign_now(record, tmp_path / "c", key, later())


def test_after_a_rotation_the_old_key_signs_nothing(record: Record, tmp_path: Path) -> None:
    """What it signed before stays; what it signs after is a finding."""
    one, two = a_key(record), a_key(record, "two")
    use(record, one)
    sign_now(record, tmp_path / "c", one, later())
    write(record, rotate(one, two.verifier), None)
    sign_now(record, tmp_path / "c", two, later())
    found = compare(record, tmp_path / "c", one.verifier.fingerprint)
    assert (found.findings, len(found.matched), found.latest_key) == ((), 2, two.verifier)
    keep_checkpoint(tmp_path / "c", make_checkpoint(record.rows(), one, later()))
    assert "a checkpoint signed after its key was replaced" in messages(compare(record, tmp_path / "c"))


def test_a_compromised_key_proves_nothing_until_another_covers_it(record: Record, tmp_path: Path) -> None:
    """Its checkpoints count again when one of the next key holds and is larger; one it signs later is a finding."""
    one, two = a_key(record), a_key(record, "two")
    use(record, one)
    sign_now(record, tmp_path / "c", one, later())
    write(record, CheckpointKey(key=str(one.verifier), status="compromised"), None, why="the laptop was stolen")
    alone = compare(record, tmp_path / "c")
    assert (alone.matched, alone.findings) == ((), ())
    assert any("prove nothing" in note for note in alone.notes)
    use(record, two)
    sign_now(record, tmp_path / "c", two, later())
    covered = compare(record, tmp_path / "c")
    assert (len(covered.matched), covered.findings) == (2, ())
    keep_checkpoint(tmp_path / "c", make_checkpoint(record.rows(), one, later()))
    assert "a checkpoint signed after its key was compromised" in messages(compare(record, tmp_path / "c"))


def test_a_key_that_nobody_vouches_for_is_named_to_who_trusts_another(record: Record, tmp_path: Path) -> None:
    """After a lost key, the next one is a stranger to whoever has only the first on paper."""
    one, two = a_key(record), a_key(record, "two")
    use(record, one)
    write(record, CheckpointKey(key=str(one.verifier), status="retired"), None, why="lost")
    use(record, two)
    sign_now(record, tmp_path / "c", two, later())
    assert compare(record, tmp_path / "c").findings == ()
    found = compare(record, tmp_path / "c", one.verifier.fingerprint)
    assert "no key that you trust vouches" in messages(found)
    assert compare(record, tmp_path / "c", str(two.verifier)).findings == ()


def test_a_record_without_checkpoints_says_so(record: Record, tmp_path: Path) -> None:
    """Without a key it is a note; with one, that none is found is a finding."""
    none = compare(record, tmp_path / "c")
    assert none.findings == ()
    assert "cannot be seen" in none.notes[0]
    use(record, a_key(record))
    assert "no checkpoint was found" in messages(compare(record, tmp_path / "c"))


def signing(record: Record, folder: Path, problems: list[Finding], **options: object) -> Record:
    """The record opened again, with a signer that finds its key where a real one is kept."""
    signer = Signer(folder=folder, keys=folder.parent / "keys", on_problem=problems.extend, **options)  # type: ignore[arg-type]
    return Record.open(folder.parent / "record.db", STUDY, listeners=(signer,))


@pytest.fixture
def with_key(record: Record, tmp_path: Path) -> Iterator[tuple[Record, list[Finding], Path]]:
    key = create_key(tmp_path / "keys", origin_of_state(record.state()))
    use(record, key)
    problems: list[Finding] = []
    opened = signing(record, tmp_path / "checkpoints", problems, zone=STUDY.site.zone)
    yield opened, problems, tmp_path / "checkpoints"
    opened.close()


def sizes(folder: Path) -> list[int]:
    return [parse_checkpoint(each.text).size for each in read_checkpoints(folder)]


def begin(record: Record, folder: Path) -> None:
    """The first checkpoint, which a person asks for (`key create` does)."""
    key = find_key(record, folder.parent / "keys")
    assert key is not None
    sign_now(record, folder, key, later())


def test_events_that_matter_and_the_first_of_a_day_are_signed(
    with_key: tuple[Record, list[Finding], Path],
) -> None:
    """A data cut, the first of the next day; not what comes between.

    The very first is a person's act: that there are none where there were some is never covered up.
    """
    record, problems, folder = with_key
    write(record, consent())
    assert (problems.pop().message, sizes(folder)) == (
        "the record has a checkpoint key, but no checkpoint was found",
        [],
    )
    begin(record, folder)
    write(record, adverse_event("1"))
    assert sizes(folder) == [3]
    write(record, DataCut(cut="cut-1", as_of="2026-01-05", head=record.head, events="4", purpose="test"), None)
    write(record, adverse_event("2"))
    assert sizes(folder) == [3, 5]
    tomorrow = later() + timedelta(days=1)
    write(record, adverse_event("3"), at=tomorrow)
    write(record, adverse_event("4"), at=tomorrow + timedelta(minutes=1))
    assert sizes(folder) == [3, 5, 7]
    found = compare(record, folder)
    assert (found.findings, len(found.matched), found.window, problems) == ((), 3, 1, [])


def test_what_keeps_it_from_signing_is_told_and_undoes_nothing(
    with_key: tuple[Record, list[Finding], Path],
) -> None:
    """The event is in the record, and the problem has its mend."""
    record, problems, folder = with_key
    for each in (folder.parent / "keys").iterdir():
        each.chmod(0o644)
    event = write(record, consent())
    assert record.length == event.seq
    assert "chmod 600" in problems[0].next_step
    assert not folder.exists()


def test_without_a_key_nothing_is_signed(record: Record, tmp_path: Path) -> None:
    """And nothing is complained about: keys are optional."""
    problems: list[Finding] = []
    opened = signing(record, tmp_path / "checkpoints", problems, zone=STUDY.site.zone)
    write(opened, consent())
    opened.close()
    assert (problems, (tmp_path / "checkpoints").exists()) == ([], False)


def test_a_tampered_record_is_not_signed_over(with_key: tuple[Record, list[Finding], Path]) -> None:
    """A checkpoint that says something else stops the automatic ones too."""
    record, problems, folder = with_key
    (path,) = (folder.parent / "keys").iterdir()
    assert path.suffix == ".pem"
    in_use = key_in_use(record.state())
    assert in_use is not None
    key = load_key(folder.parent / "keys", in_use)
    assert key is not None
    keep_checkpoint(folder, make_checkpoint(record.rows(), key, later(), root=bytes(32)))
    write(record, consent(), at=later() + timedelta(days=2))
    assert "chain was rebuilt" in problems[0].message
    assert len(read_checkpoints(folder)) == 1


def test_a_listener_sees_what_is_durable(tmp_path: Path) -> None:
    """It is called after the commit, with the events of the append, and not for what was refused."""
    heard: list[tuple[int, ...]] = []

    def listen(record: Record, events: tuple[object, ...]) -> None:
        other = Record.open(tmp_path / "record.db", STUDY)
        assert other.length == record.length
        other.close()
        heard.append(tuple(event.seq for event in events))  # type: ignore[attr-defined]

    record = new_record(tmp_path, listeners=(listen,))
    record.append(
        [Draft(body=consent(), subject=ANNA), Draft(body=adverse_event(), subject=ANNA)], author=CHEN, at=later()
    )
    with pytest.raises(CelltrialError):
        record.append([Draft(body=consent(), subject=None)], author=CHEN, at=later())
    record.close()
    assert heard == [(1,), (2, 3)]


def test_the_same_record_gives_the_same_checkpoint(record: Record, tmp_path: Path) -> None:
    """Ed25519 draws no random number: same key, same text, same signature."""
    at = later()
    first, second = (make_checkpoint(record.rows(), a_key(record), at) for _ in range(2))
    assert isinstance(first, Checkpoint)
    assert str(first) == str(second)
