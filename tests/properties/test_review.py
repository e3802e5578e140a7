"""Work on data, whatever is tried in whatever order: coverage, broken comparisons, locked data."""

from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.decisions.review import Place, coverage, lock_state, verifications
from celltrial.errors import CelltrialError
from celltrial.record.versions import fields_of
from unit.decisions.review.ward import ANNA, CHEN, HE, LI, LIN, WU, Ward

PEOPLE = st.sampled_from((LI, CHEN, WU, HE, LIN))
ROWS = st.integers(min_value=1, max_value=3)
SCOPES = st.sampled_from((("", ""), ("SCR", ""), ("", "labs"), ("SCR", "labs"), ("D7", "labs")))
ACTIONS = st.one_of(
    st.tuples(st.just("lab"), ROWS, st.sampled_from(("SCR", "D7"))),
    st.tuples(st.just("fix"), ROWS, st.sampled_from(("69", "96", "100"))),
    st.tuples(st.just("move"), ROWS, st.sampled_from(("SCR", "D7"))),
    st.tuples(st.just("void"), ROWS, PEOPLE),
    st.tuples(st.just("compare"), ROWS, st.sampled_from(("verified", "differs"))),
    st.tuples(st.just("lock"), st.sampled_from(("freeze", "lock", "unfreeze", "unlock")), SCOPES),
    st.tuples(st.just("sign"), ROWS, PEOPLE),
)


def attempt(ward, labs, action):
    """Try one thing as a person might; a refusal is an answer."""
    from celltrial.record import Correction

    kind, first, second = action
    target = labs[min(first, len(labs)) - 1] if labs and kind in ("fix", "move", "void", "compare") else None
    try:
        match kind:
            case "lab":
                labs.append(ward.lab(row=str(first), visit=second))
            case "fix" if target:
                ward.fix(target, value=second)
            case "move" if target:
                ward.write(Correction(target=target, replace={"visit": second}), why="wrong visit typed")
            case "void" if target:
                ward.void(target, second)
            case "compare" if target:
                ward.compare(target, result=second)
            case "lock":
                visit, form = second
                ward.lock(first, visit=visit, form=form)
            case "sign":
                ward.sign(ward.state.length + 1 - first, second)
            case _:
                pass
    except (CelltrialError, AssertionError):
        pass


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTIONS, max_size=14))
def test_coverage_never_exceeds_what_there_is(actions):
    """Verified are at most all; required items are among all items; nothing counts twice."""
    ward, labs = Ward(), []
    for action in actions:
        attempt(ward, labs, action)
        for each in coverage(ward.study, ward.state):
            assert 0 <= each.entries_verified <= each.entries
            assert 0 <= each.required_verified <= each.required <= each.items
            assert each.required_verified <= each.items_verified <= each.items
            assert each.broken + each.differing + each.items_verified <= each.items or each.broken


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTIONS, max_size=14))
def test_a_comparison_is_never_lost_and_never_mends_itself(actions):
    """Each stays in the list with its text; broken stays broken."""
    ward, labs, before = Ward(), [], {}
    ward.compare(ward.consent)
    for action in actions:
        attempt(ward, labs, action)
        now = {(each.event, each.field): each for each in verifications(ward.state)}
        for key, old in before.items():
            assert now[key].value == old.value
            assert old.status != "broken" or now[key].status == "broken"
        before = now


@settings(max_examples=30, deadline=None)
@given(st.lists(ACTIONS, max_size=10), st.sampled_from((("SCR", "labs"), ("", "labs"), ("SCR", ""), ("", ""))))
def test_locked_data_never_change_whatever_is_tried(actions, scope):
    """From the lock on the texts of the scope are the same for as long as it is locked, and nothing is added."""
    ward, labs = Ward(), []
    labs.append(ward.lab())
    ward.compare(ward.consent)
    visit, form = scope
    ward.lock("lock", visit=visit, form=form)
    place = Place(subject=ANNA, visit="SCR", form="labs")

    def locked_texts():
        rows = ward.state.forms("labs", ANNA)
        return {row.seq: dict(fields_of(row.body)) for row in rows if row.body.visit == "SCR"}

    before = locked_texts()
    for action in actions:
        attempt(ward, labs, action)
        if lock_state(ward.study, ward.state, place).level != "locked":
            break
        assert locked_texts() == before
