"""Any sequence of writes: replay equals fold, the past can be had again, every changed byte is found."""

import tempfile
from pathlib import Path
from secrets import token_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celltrial.codes import PersonId
from celltrial.errors import RefusedError
from celltrial.record import Author, Correction, Draft, FormEntry, Record, canonical_json, fold, verify_record
from celltrial.record.canonical import parse_canonical_json
from celltrial.record.envelope import Place, Row, decode, match_envelope, seal
from celltrial.record.verify import verify_rows
from unit.record.support import ANNA, BERTA, CHEN, START, STUDY, adverse_event, consent, lab, later, new_record

SUBJECTS = st.sampled_from([ANNA, BERTA])
VALUES = st.from_regex(r"[<>]?[0-9]{1,3}(\.[0-9]{1,2})?", fullmatch=True)
REASONS = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() and text.isprintable())

first_entries = st.one_of(
    st.builds(lambda subject, value, row: (subject, lab(value, row=str(row))), SUBJECTS, VALUES, st.integers(1, 4)),
    st.builds(lambda subject, number: (subject, adverse_event(str(number))), SUBJECTS, st.integers(1, 2)),
    st.builds(lambda subject: (subject, consent()), SUBJECTS),
)
corrections = st.tuples(
    st.integers(1, 12),
    st.one_of(
        st.builds(lambda value: {"items.value": value}, VALUES),
        st.builds(lambda grade: {"grade": grade}, st.sampled_from("12345")),
        st.just({}),
    ),
)
commands = st.lists(st.one_of(st.lists(first_entries, min_size=1, max_size=3), corrections), max_size=10)


def picture(state):
    """All that a state shows, to compare two of them."""
    return state.length, state.head, state.subjects, state.all_entries(), state.voided


def write_all(record, steps, why):
    """Write what is accepted; a refusal must leave the record as it was. Returns the pictures after each step."""
    pictures = [picture(record.state())]
    for step in steps:
        if isinstance(step, list):
            drafts = [Draft(body=body, subject=subject, why=why) for subject, body in step]
        else:
            target, fields = step
            entry = record.state().entry(target)
            body = Correction(target=target, replace=fields, entered_in_error="no" if fields else "yes")
            drafts = [Draft(body=body, subject=entry.subject if entry else ANNA, why=why)]
        before = picture(record.state())
        try:
            record.append(drafts, author=CHEN, at=later())
        except RefusedError:
            assert picture(record.state()) == before
        pictures.append(picture(record.state()))
    return pictures


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(steps=commands, why=REASONS)
def test_replay_equals_fold_and_the_past_can_be_had_again(steps, why):
    """After any writes: the incremental state is the fold of the events, as another reader sees them; each past state
    is the fold of its prefix; the file verifies."""
    with tempfile.TemporaryDirectory() as folder:
        record = new_record(Path(folder))
        pictures = write_all(record, steps, why)
        other = Record.open(Path(folder) / "record.db", STUDY)
        events = record.events()
        assert other.events() == events
        assert picture(other.state()) == picture(record.state()) == picture(fold(events)) == pictures[-1]
        for number, event in enumerate(events, start=1):
            past = [each for each in events if each.recorded_at <= event.recorded_at]
            assert picture(record.state(as_of=event.recorded_at)) == picture(fold(past))
            assert fold(events[:number]).length == number
        assert verify_record(Path(folder) / "record.db").ok
        record.close()
        other.close()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.one_of(VALUES, st.none()), max_size=8))
def test_corrections_against_a_plain_model(changes):
    """A value corrected any number of times, or voided and entered anew: the last one stands, all are kept."""
    with tempfile.TemporaryDirectory() as folder:
        record = new_record(Path(folder))
        model, typed = "1", ["1"]
        target = record.append([Draft(body=lab("1"), subject=ANNA)], author=CHEN, at=later())[0].seq
        for value in changes:
            if value is None:
                void = Correction(target=target, entered_in_error="yes")
                events = record.append(
                    [Draft(body=void, subject=ANNA, why="x"), Draft(body=lab("7"), subject=ANNA)],
                    author=CHEN,
                    at=later(),
                )
                model, target = "7", events[1].seq
            else:
                fix = Correction(target=target, replace={"items.value": value})
                record.append([Draft(body=fix, subject=ANNA, why="x")], author=CHEN, at=later())
                model = value
            typed.append(model)
        state = record.state()
        assert [entry.body.items["value"] for entry in state.forms("labs", ANNA)] == [model]
        assert len(state.voided) == changes.count(None)
        stored = [event.payload for event in record.events()[1:]]
        written = [(body.get("items") or body["replace"]) for body in stored if body.get("items") or body["replace"]]
        assert [next(iter({"value", "items.value"} & set(each))) and _value(each) for each in written] == typed
        record.close()


def _value(fields):
    return fields.get("value") or fields["items.value"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=st.dictionaries(st.text(), json_values, max_size=5))
def test_canonical_json_is_one_text_for_one_value(value):
    """Reading gives the value back; the order in which keys were put in does not matter."""
    content = canonical_json(value)
    assert parse_canonical_json(content) == value
    assert canonical_json(dict(reversed(value.items()))) == content


def _rows() -> list[Row]:
    rows, prev = [], "0" * 64
    from celltrial.record import StudyOpened

    drafts = [Draft(body=StudyOpened(study="TINY"), why="x")]
    drafts += [Draft(body=lab(str(number), row=str(number)), subject=ANNA) for number in range(1, 5)]
    for seq, draft in enumerate(drafts, start=1):
        place = Place(
            seq=seq, author=CHEN, at=START, base_seq=seq - 1, study_hash="a" * 64, prev=prev, salts=token_bytes
        )
        _, row = seal(draft, place)
        rows.append(row)
        prev = row.hash
    return rows


ROWS = _rows()


@given(person=st.from_regex(r"[a-z]{1,8}", fullmatch=True), texts=st.tuples(st.text(), st.text(), st.text(), st.text()))
def test_an_envelope_of_any_texts_is_matched_and_read_back(person, texts):
    """The pattern knows exactly the canonical form: what is sealed matches, and gives back every character."""
    role, name, source_at, via = (text.encode("utf-8", "replace").decode() for text in texts)
    author = Author(person=PersonId(person), role=role, site="01", printed_name=name)
    place = Place(
        seq=7, author=author, at=START, base_seq=3, study_hash="b" * 64, prev="c" * 64, salts=lambda size: bytes(size)
    )
    event, row = seal(Draft(body=lab("5"), subject=ANNA, source_at=source_at, via=via), place)
    assert match_envelope(row) is not None
    assert decode(row) == event
    assert (event.author.role, event.author.printed_name, event.source_at, event.via) == (role, name, source_at, via)
    blank, more = row.content.replace(b'":', b'": ', 1), row.content[:-1] + b',"x":1}'
    assert [match_envelope(row._replace(content=other)) for other in (blank, more)] == [None, None]


@settings(max_examples=300)
@given(data=st.data())
def test_any_changed_byte_names_its_event(data):
    """Any byte of any stored text of any event, changed to any other byte."""
    index = data.draw(st.integers(0, len(ROWS) - 1))
    row = ROWS[index]
    columns = ["type", "recorded_at", "prev", "hash", "content", "opening", *(["subject"] if row.subject else [])]
    name = data.draw(st.sampled_from(columns))
    old = getattr(row, name)
    content = bytearray(old if isinstance(old, bytes) else old.encode())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[position]))
    new = bytes(content) if isinstance(old, bytes) else bytes(content).decode("utf-8", "backslashreplace")
    rows = [*ROWS[:index], row._replace(**{name: new}), *ROWS[index + 1 :]]
    findings = verify_rows(rows, (len(ROWS), ROWS[-1].hash))
    assert any(finding.where.startswith(f"event {row.seq} ") for finding in findings)
    assert verify_rows(ROWS, (len(ROWS), ROWS[-1].hash)) == ()


@settings(max_examples=60)
@given(order=st.permutations(range(len(ROWS))), dropped=st.integers(0, len(ROWS) - 1))
def test_any_other_order_or_gap_is_found(order, dropped):
    """Events moved, or one left out."""
    head = (len(ROWS), ROWS[-1].hash)
    shuffled = [ROWS[old]._replace(seq=seq) for seq, old in enumerate(order, start=1)]
    assert bool(verify_rows(shuffled, head)) == (list(order) != sorted(order))
    assert verify_rows([row for number, row in enumerate(ROWS) if number != dropped], head)


@pytest.mark.parametrize("kind", [FormEntry, Correction])
def test_states_share_nothing_that_changes(tmp_path, kind):
    """A state handed out stays what it was, whatever is written after it, and by whichever branch."""
    record = new_record(tmp_path)
    record.append([Draft(body=lab(), subject=ANNA)], author=CHEN, at=later())
    state = record.state()
    before = picture(state)
    record.check([Draft(body=lab(row="2"), subject=ANNA)] * 2, author=CHEN, at=later())
    fix = Correction(target=2, replace={"items.value": "1"})
    record.append([Draft(body=fix, subject=ANNA, why="x")], author=CHEN, at=later())
    assert picture(state) == before
    assert state.entries(kind) == (() if kind is Correction else state.all_entries()[1:])
