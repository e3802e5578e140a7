"""Nothing is lost on the way to the audit trail: every field of every event once, whatever was typed."""

import csv
import io
from secrets import token_bytes
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from celltrial.record import Draft, FormEntry, fold
from celltrial.record.bodies import Agent, Correction, DataCut, Lymphodepletion, QuestionAnswer, Signature, SrcDecision
from celltrial.record.canonical import GENESIS
from celltrial.record.chronicle import Chronicle
from celltrial.record.envelope import Place, seal
from celltrial.record.trail import list_trail
from celltrial.record.trail_table import guard_cell, read_trail_csv, render_trail_csv, unguard_cell
from unit.record.support import ANNA, CHEN, START, adverse_event

ZONE = ZoneInfo("Asia/Shanghai")
# anything that UTF-8 holds: line breaks, quotes, separators, formulas, Chinese, signs that show nothing
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
    st.sampled_from(["", "=1+2", "'", "''=x", "-5", "+a", "@x", "\tx", "\r\n", "a,b;c\"d'", "李娜\n第二行", "＝1"]),
)
BODIES = st.one_of(
    st.builds(FormEntry, form=TEXTS, visit=TEXTS, row=TEXTS, items=st.dictionaries(TEXTS, TEXTS, max_size=4)),
    st.builds(lambda comment: adverse_event("1", "2", comment=comment), TEXTS),
    st.builds(QuestionAnswer, question=TEXTS, answer=TEXTS),
    st.builds(
        Lymphodepletion,
        started_on=TEXTS,
        ended_on=TEXTS,
        agents=st.lists(st.builds(Agent, drug=TEXTS, dose=TEXTS, unit=TEXTS, days=TEXTS), max_size=2).map(tuple),
    ),
    st.builds(
        Signature,
        covers=st.lists(st.integers(1, 5), max_size=3).map(tuple),
        meaning=TEXTS,
        printed_name=TEXTS,
        content_hash=TEXTS,
    ),
    st.builds(DataCut, cut=TEXTS, as_of=TEXTS, head=TEXTS, events=TEXTS, purpose=TEXTS),
)


def record_of(bodies, why="first entry"):
    """The events of these bodies, unchecked: the trail shows what is stored, whatever let it in."""
    events = []
    for body in bodies:
        place = Place(
            seq=len(events) + 1,
            author=CHEN,
            at=START,
            base_seq=0,
            study_hash="0" * 64,
            prev=events[-1].hash if events else GENESIS,
            salts=token_bytes,
        )
        events.append(seal(Draft(body=body, subject=ANNA, why=why), place)[0])
    return events


def leaves(value) -> list[str]:
    """Every text that was stored, counted by hand: the oracle."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)] if value else [""]
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [leaf for each in value for leaf in leaves(each)]
    if isinstance(value, list):
        return [repr(value)] if value else [""]
    return [str(value)]


@given(st.lists(BODIES, max_size=4), TEXTS)
@example(
    [FormEntry(form="labs", visit="", row="1", items={"comment": "长" * 5000, "value": "=cmd|'/c calc'!A1"})], "x\ny"
)
def test_every_field_of_every_payload_is_one_line_and_comes_back_as_typed(bodies, why):
    """As many lines as fields; the texts are the same after CSV, the reason too."""
    events = record_of(bodies, why)
    trail = list_trail(Chronicle(fold(events)))
    rows = read_trail_csv(render_trail_csv(trail, ZONE))
    assert len(rows) == len(trail.lines)
    for event in events:
        own = [row for row in rows if row["event"] == str(event.seq)]
        paths = [row["path"] for row in own]
        assert len(set(paths)) == len(paths)
        stored = leaves(dict(event.payload))
        assert len(own) == len(stored)
        typed = sorted(text for text in stored if not text.startswith("["))
        assert typed == sorted(row["new"] for row in own if not row["new"].startswith("["))
        assert {row["why"] for row in own} <= {why}
        assert {row["hash"] for row in own} == {event.hash}


@given(st.lists(st.dictionaries(st.sampled_from(["term", "comment", "ended"]), TEXTS, min_size=1), max_size=4))
def test_old_values_follow_from_the_new_ones(changes):
    """Each correction's old value is what the last line of that field said."""
    first = adverse_event("1", "2")
    events = record_of([first, *(Correction(target=1, replace=each) for each in changes)])
    said: dict[str, str] = {}
    for line in list_trail(Chronicle(fold(events))).lines:
        if line.entry == 1:
            assert line.old == said.get(line.field, "")
            said[line.field] = line.new
    assert said["term"] == ([each["term"] for each in changes if "term" in each] or [first.term])[-1]


@given(TEXTS)
def test_no_cell_begins_as_a_formula_and_each_comes_back(text):
    """Guarded and taken back: the text as typed; a spreadsheet sees no formula."""
    guarded = guard_cell(text)
    assert unguard_cell(guarded) == text
    assert not guarded.startswith(("=", "@", "\t", "\r", "\n", "＝"))
    if guarded.startswith(("+", "-")):
        float(guarded)


def test_a_plain_csv_reader_reads_the_file():
    """Not only our own reader: the columns and rows are those of the standard library's."""
    trail = list_trail(Chronicle(fold(record_of([adverse_event("1", "2", comment='a"b\r\n=1')]))))
    data = render_trail_csv(trail, ZONE)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert next(row["new"] for row in rows if row["field"] == "comment") == 'a"b\r\n=1'
    assert len(rows) == len(trail.lines)


def test_every_kind_of_event_can_be_listed():
    """The trail needs no knowledge of a type: those of the demo's committee, with mappings and lists, too."""
    decision = SrcDecision(
        number="1",
        cut="CUT-001",
        design="boin",
        proposed_action="start",
        proposed_level="DL1",
        action="start",
        level="DL1",
        evaluable={"DL1": "3", "DL2": "0"},
        reasons=("a, b", "c"),
        content_hash="0",
    )
    lines = {line.path: line.new for line in list_trail(Chronicle(fold(record_of([decision])))).lines}
    assert {"evaluable.DL1": "3", "evaluable.DL2": "0", "reasons": '["a, b", "c"]', "dlts": ""}.items() <= lines.items()
