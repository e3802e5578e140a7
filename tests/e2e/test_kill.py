"""Writers that are killed, and writers at the same time: no acknowledged event is lost, no chain broken."""

import multiprocessing
import os
import random
import signal
import time

import pytest

from celltrial.codes import SubjectId
from celltrial.record import Record, verify_record
from e2e.record.writers import append_for_ever, append_some, correct_if_seen
from unit.record.support import STUDY, lab, new_record, write

KILLS = 50


@pytest.fixture(scope="module")
def processes():
    """A server with everything imported, from which writers are forked in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    # the server does not know the tests' own path (CPython 3.11): the program is what takes long to import
    context.set_forkserver_preload(["celltrial.record", "filelock", "dateutil.relativedelta"])
    return context


def drain(pipe):
    """All that was acknowledged; the last message may have been cut off by the kill."""
    acknowledged = []
    try:
        while pipe.poll():
            acknowledged += pipe.recv()
    except EOFError:
        pass
    return acknowledged


def kill_at_random(processes, path, names, chance):
    """Start one writer a name, kill all of them at a random moment after the first acknowledgement."""
    running = []
    for name in names:
        receive, send = processes.Pipe(duplex=False)
        process = processes.Process(target=append_for_ever, args=(path, name, send), daemon=True)
        process.start()
        send.close()
        running.append((process, receive))
    for _, receive in running:
        assert receive.poll(30)
    time.sleep(chance.uniform(0, 0.04))
    for process, _ in running:
        os.kill(process.pid, signal.SIGKILL)
    acknowledged = []
    for process, receive in running:
        process.join()
        acknowledged += drain(receive)
        receive.close()
        process.close()
    return acknowledged


@pytest.mark.parametrize("names", [["01-001"], ["01-001", "01-002"]], ids=["one writer", "two writers"])
def test_kill_nine_loses_nothing_that_was_acknowledged(processes, tmp_path, names):
    """50 kills at random moments in one growing record: every acknowledged event is there with its hash, the chain
    verifies, and the next append works."""
    path = tmp_path / "record.db"
    new_record(tmp_path).close()
    chance = random.Random(1192)
    promised = {}
    for _ in range(KILLS // 2):
        promised |= dict(kill_at_random(processes, path, names, chance))
        result = verify_record(path)
        assert result.ok, result.findings
        record = Record.open(path, STUDY)
        stored = {event.seq: event.hash for event in record.events()}
        assert promised.items() <= stored.items()
        row = len(record.state().forms("labs", SubjectId("01-009"))) + 1
        event = write(record, lab(row=str(row)), SubjectId("01-009"), at=record.state().as_of)
        promised[event.seq] = event.hash
        record.close()
    assert len(promised) > KILLS


def test_two_writers_take_turns(processes, tmp_path):
    """Two programs append at once: every event of both is there, once, in one chain."""
    path, times = tmp_path / "record.db", 60
    new_record(tmp_path).close()
    ends = []
    for name in ("01-001", "01-002"):
        receive, send = processes.Pipe(duplex=False)
        process = processes.Process(target=append_some, args=(path, name, times, send), daemon=True)
        process.start()
        ends.append((process, receive))
    seqs = [receive.recv() for _, receive in ends]
    for process, _ in ends:
        process.join()
    assert sorted(seqs[0] + seqs[1]) == list(range(2, 2 * times + 2))
    assert seqs[0] == sorted(seqs[0])
    state = Record.open(path, STUDY).state()
    assert [len(state.forms("labs", SubjectId(name))) for name in ("01-001", "01-002")] == [times, times]
    assert verify_record(path).ok


def test_of_those_who_saw_the_same_version_one_wins(processes, tmp_path):
    """Four writers correct one entry from the same base: one correction, three are told."""
    path = tmp_path / "record.db"
    record = new_record(tmp_path)
    write(record, lab())
    for _ in range(5):
        base, running = record.length, []
        for value in ("1", "2", "3", "4"):
            (wait, go), (receive, send) = processes.Pipe(duplex=False), processes.Pipe(duplex=False)
            process = processes.Process(target=correct_if_seen, args=(path, base, value, wait, send), daemon=True)
            process.start()
            running.append((process, go, receive))
        assert [receive.recv() for _, _, receive in running] == ["ready"] * 4
        for _, go, _ in running:
            go.send("go")
        assert sorted(receive.recv() for _, _, receive in running) == ["stale", "stale", "stale", "won"]
        for process, _, _ in running:
            process.join()
        assert record.length == base + 1
    assert verify_record(path).ok
