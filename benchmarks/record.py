"""The record's speed beside a plain reference, in one run: verify, replay, append.

Run: make bench, or python benchmarks/record.py [EVENTS]. Each line gives our figure, the reference's and their ratio;
nothing here is a timed test. The record is made anew: twelve people, laboratory rows of many visits.
"""

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from celltrial.codes import PersonId, SubjectId
from celltrial.record import Author, Consent, Draft, FormEntry, Record, verify_record
from celltrial.record.store_sqlite import SqliteStore
from celltrial.record.verify import verify_links
from celltrial.study import Study, load_study, shipped_study

EVENTS = 100_000
APPENDS = 500
SUBJECTS = [SubjectId(f"01-{number:03d}") for number in range(1, 13)]
AUTHOR = Author(person=PersonId("coordinator.chen"), role="coordinator", site="01", printed_name="Chen Yu")
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
# as many forms as keep one list of rows no longer than it is in a trial
FORMS = ("labs", "vital_signs", "medication", "medical_history", "kinetics", "ecg")


def best(what: Callable[[], object], runs: int = 3) -> float:
    """Seconds of the fastest of some runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        what()
        times.append(time.perf_counter() - start)
    return min(times)


def report(name: str, ours: str, reference_name: str, reference: str, ratio: float) -> None:
    print(f"{name:<40} {ours:>18}   {reference_name:<34} {reference:>16}   ratio {ratio:.2f}")


def lab(number: int) -> Draft:
    items = {"analyte": "alt", "value": "20", "unit": "U/L", "uln": "40", "collected": "2025-07-01"}
    entry = FormEntry(form="labs", visit=f"UNS{number // 60}", items=items, row=str(number % 60 + 1))
    return Draft(body=entry, subject=SUBJECTS[number % len(SUBJECTS)])


def make_record(path: Path, study: Study, events: int) -> None:
    """A record of so many laboratory rows, written straight to the store's rows: an append judges each draft."""
    from secrets import token_bytes

    from celltrial.record.envelope import Place, seal
    from celltrial.record.state import EMPTY

    Record.create(path, study, author=AUTHOR, at=AT).close()
    store = SqliteStore.open(path)
    seq, prev = store.head()
    assert EMPTY.length == 0
    with store.writing():
        for start in range(0, events, 1000):
            rows = []
            for number in range(start, min(start + 1000, events)):
                seq += 1
                place = Place(
                    seq=seq, author=AUTHOR, at=AT, base_seq=seq - 1, study_hash=study.hash, prev=prev, salts=token_bytes
                )
                _, row = seal(lab(number), place)
                rows.append(row)
                prev = row.hash
            store.add(rows)
    store.close()


def verify(path: Path, events: int) -> None:
    def ours() -> None:
        store = SqliteStore.open(path, read_only=True)
        assert verify_links(store.read())
        store.close()

    def reference() -> None:
        connection = sqlite3.connect(path)
        for content, lines in connection.execute("SELECT content, lines FROM event JOIN opening USING (seq)"):
            json.loads(content)
            sha256(content + lines).digest()
        connection.close()

    mine, plain = events / best(ours), events / best(reference)
    report(
        "verify: read, hash, link, commitments",
        f"{mine:,.0f} /s",
        "parse and hash once",
        f"{plain:,.0f} /s",
        mine / plain,
    )


def replay(path: Path, study: Study, events: int) -> None:
    def ours() -> None:
        record = Record.open(path, study)
        assert record.length > events
        record.close()

    def reference() -> None:
        connection = sqlite3.connect(path)
        [json.loads(content) for (content,) in connection.execute("SELECT content FROM event")]
        connection.close()

    mine, plain = best(ours), best(reference)
    report(f"replay: file to state, {events:,} events", f"{mine:.2f} s", "parse only", f"{plain:.2f} s", mine / plain)


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    ranked = sorted(times)
    return ranked[len(ranked) // 2] * 1000, ranked[int(len(ranked) * 0.99)] * 1000


def append(folder: Path, study: Study) -> None:
    """One writer, one event a time, each durable; the reference inserts one row a time, as durable."""
    record = Record.create(folder / "append.db", study, author=AUTHOR, at=AT)
    consents = [Draft(body=Consent(signed_at="2025-07-01", document_version="1"), subject=each) for each in SUBJECTS]
    record.append(consents, author=AUTHOR, at=AT)
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode=WAL")
    plain.execute("PRAGMA synchronous=FULL")
    plain.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, content TEXT)")
    text, ours, theirs = json.dumps(dict(lab(1).body.items)), [], []
    for number in range(APPENDS):
        start = time.perf_counter()
        record.append([lab(number)], author=AUTHOR, at=AT)
        between = time.perf_counter()
        plain.execute("INSERT INTO event (content) VALUES (?)", (text,))
        ours.append(between - start)
        theirs.append(time.perf_counter() - between)
    record.close()
    plain.close()
    (p50, p99), (plain50, plain99) = percentiles(ours), percentiles(theirs)
    report("append, one writer, p50", f"{p50:.1f} ms", "plain durable insert", f"{plain50:.1f} ms", p50 / plain50)
    report("append, one writer, p99", f"{p99:.1f} ms", "plain durable insert", f"{plain99:.1f} ms", p99 / plain99)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    study = load_study(shipped_study())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_record(folder / "big.db", study, events)
        verify(folder / "big.db", events)
        replay(folder / "big.db", study, events)
        append(folder, study)
        if events <= 20_000:
            seconds = best(lambda: verify_record(folder / "big.db"), 1)
            print(f"{'celltrial verify, whole':<40} {seconds:>16.2f} s")


if __name__ == "__main__":
    main()
