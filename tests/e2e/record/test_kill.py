"""Two writers killed with signal 9 at a random moment, 50 times: no acknowledged event is lost, no chain broken.

What a kill cannot show, a power cut can (test_power_cut.py): after a kill the system still writes out what the program
had handed over, so that this test passes with synchronous=NORMAL too. That it can fail is shown by writers that
acknowledge too early.
"""

import multiprocessing
import os
import random
import signal
import time

import pytest

from celltrial.codes import SubjectId
from celltrial.record import Record, fold, verify_record
from celltrial.record.projection import project
from celltrial.record.reading import read_events
from celltrial.record.state import EMPTY
from celltrial.record.store_sqlite import SqliteStore
from e2e.record.writers import append_for_ever, promise_for_ever
from unit.record.support import STUDY, lab, new_record, write

KILLS = 50
WRITERS = ("01-001", "01-002")
BYSTANDER = SubjectId("01-009")


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


def kill_at_random(processes, path, writer, chance):
    """Start both writers, kill both at a random moment after the first acknowledgement of each."""
    running = []
    for name in WRITERS:
        receive, send = processes.Pipe(duplex=False)
        process = processes.Process(target=writer, args=(path, name, send), daemon=True)
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


def stored_whole(path):
    """Every stored event with its hash; the chain verifies, and the projection is what a replay gives."""
    result = verify_record(path)
    assert result.ok, result.findings
    store = SqliteStore.open(path, read_only=True)
    stored = {row.seq: row.hash for row in store.read()}
    store.close()
    return stored


@pytest.mark.parametrize("seed", range(1, 6))
def test_kill_nine_loses_nothing_that_was_acknowledged(processes, tmp_path, seed):
    """50 kills of two writers, ten in each growing record: every acknowledged event is there with its hash, chain and
    projection are whole, and the next writer goes on at once: no lock is left behind."""
    path = tmp_path / "record.db"
    new_record(tmp_path).close()
    chance = random.Random(seed)
    promised = {}
    for row in range(1, KILLS // 5 + 1):
        promised |= dict(kill_at_random(processes, path, append_for_ever, chance))
        assert promised.items() <= stored_whole(path).items()
        record = Record.open(path, STUDY)
        begun = time.monotonic()
        event = write(record, lab(row=str(row)), BYSTANDER, at=record.state().as_of)
        assert time.monotonic() - begun < 10
        promised[event.seq] = event.hash
        record.close()
    assert len(promised) >= 3 * KILLS // 5
    store = SqliteStore.open(path, read_only=True)
    replayed = project(fold(read_events(store.read(), EMPTY)))
    stored = sorted(store.standing(), key=lambda line: (line.entry, line.event))
    assert {line.entry: line for line in stored} == {line.entry: line for line in replayed}
    store.close()


def test_writers_that_acknowledge_too_early_are_caught(processes, tmp_path):
    """The same kills see a loss where a number is sent before `append` has returned."""
    path = tmp_path / "record.db"
    new_record(tmp_path).close()
    chance = random.Random(1192)
    for _ in range(KILLS):
        promised = set(kill_at_random(processes, path, promise_for_ever, chance))
        stored_whole(path)
        record = Record.open(path, STUDY)
        state = record.state()
        record.close()
        stored = {(name, int(form.body.row)) for name in WRITERS for form in state.forms("labs", SubjectId(name))}
        if promised - stored:
            return
    pytest.fail("no loss was seen in 50 kills of writers that acknowledge before they write")
