"""What a state remembers from the states before it is what a look at all its entries gives, on every branch."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celltrial.record import AdverseEvent, Consent, Correction, Draft, FormEntry, TrialState
from celltrial.record.accept import accept_drafts
from celltrial.record.bodies import StudyOpened
from celltrial.record.state import EMPTY
from unit.record.support import ANNA, BERTA, CHEN, START, STUDY, adverse_event, consent, lab

ROWS = [str(number) for number in range(1, 5)]
SUBJECTS = st.sampled_from([ANNA, BERTA])
entries = st.one_of(
    st.builds(lambda subject, row: (subject, lab(row=row)), SUBJECTS, st.sampled_from(ROWS)),
    st.builds(lambda subject, number: (subject, adverse_event(number)), SUBJECTS, st.sampled_from("12")),
    st.builds(lambda subject: (subject, consent()), SUBJECTS),
)
corrections = st.tuples(
    st.integers(2, 5),
    st.one_of(
        st.builds(lambda row: {"row": row}, st.sampled_from(ROWS)),
        st.builds(lambda number: {"number": number}, st.sampled_from("12")),
        st.just({}),
    ),
)
# how many states back, what is written, and whether anybody asks before the next is written
steps = st.lists(
    st.tuples(
        st.sampled_from((0, 0, 0, 1, 3)),
        st.one_of(st.lists(entries, min_size=1, max_size=3), corrections),
        st.booleans(),
    ),
    max_size=14,
)


def number_of(body: AdverseEvent) -> tuple[str]:
    """What `lookup` groups adverse events by."""
    return (body.number,)


def after(state: TrialState, drafts: list[Draft]) -> TrialState:
    """The state with the drafts written, or as it was where they are refused."""
    at = state.as_of or START
    outcome = accept_drafts(STUDY, state, drafts, author=CHEN, at=at, base_seq=None, guards=())
    return state if outcome.findings else outcome.state


def to_drafts(state: TrialState, step: object) -> list[Draft]:
    """The entries of a step, or its correction of an event of this state."""
    if isinstance(step, list):
        return [Draft(body=body, subject=subject, why="seen") for subject, body in step]
    target, fields = step
    entry = state.entry(target)
    body = Correction(target=target, replace=fields, entered_in_error="no" if fields else "yes")
    return [Draft(body=body, subject=entry.subject if entry else ANNA, why="mistyped")]


def require_what_the_entries_give(state: TrialState) -> None:
    """Each answer of the state against a plain look at all its entries."""
    everything = state.all_entries()
    for kind in (Consent, FormEntry, AdverseEvent, Correction):
        of_kind = tuple(each for each in everything if isinstance(each.body, kind))
        assert state.entries(kind) == of_kind
        for subject in (ANNA, BERTA):
            assert state.entries(kind, subject) == tuple(each for each in of_kind if each.subject == subject)
    labs = [each for each in everything if isinstance(each.body, FormEntry)]
    for subject in (ANNA, BERTA):
        for row in ROWS:
            found = state.rows("labs", subject, row)
            assert found == tuple(each for each in labs if each.subject == subject and each.body.row == row)
    events = [each for each in everything if isinstance(each.body, AdverseEvent)]
    expected = {n: tuple(each for each in events if each.body.number == n) for n in {e.body.number for e in events}}
    assert state.lookup(AdverseEvent, number_of) == expected
    ages = state.recall(("adverse_event", "consent"), "how many", lambda: len([*events, *state.entries(Consent)]))
    assert ages == len(events) + len(state.entries(Consent))
    assert [state.entered_in_error(each.seq) for each in state.voided] == list(state.voided)
    assert all(state.entered_in_error(each.seq) is None for each in everything)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps)
def test_what_a_state_remembers_is_what_its_entries_give(steps):
    """States branch, rows move by correction, and questions come at any time: no answer outlives what it rests on."""
    opened = Draft(body=StudyOpened(study="TINY", simulated="no", seed=""), why="opened")
    states = [after(EMPTY, [opened])]
    for back, step, asks in steps:
        base = states[-1 - back % len(states)]
        if asks:
            require_what_the_entries_give(base)
        states.append(after(base, to_drafts(base, step)))
        if asks:
            require_what_the_entries_give(states[-1])
    for state in states:
        require_what_the_entries_give(state)
