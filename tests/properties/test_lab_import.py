"""A laboratory's file, whatever it holds: counts add up, twice is once, the order of the rows does not matter."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from lab_files import ANNA, BERTA, items, plan, story, write

SUBJECTS = st.sampled_from([ANNA, BERTA, "01-999", "H0047711", ""])
DAYS = st.sampled_from(["2025-09-15", "2025-09-16", "2025-12-24", "2025-13-01", ""])
HOURS = st.sampled_from(["07:50", "16:10", "", "noon"])
ITEMS = st.sampled_from(["HGB", "CREA", "CRP", "Sm", "HCT", "PLT", "血红蛋白"])
RESULTS = st.one_of(
    st.sampled_from(["98", "98 L", "＜5", "阴性", "not done", "", "1:320", "2+", "-", "H", "98,5", "9.8e1"]),
    st.text(alphabet='0123456789.,<>≤HL "阴+:eE', max_size=6),
)
UNITS = st.sampled_from(["g/L", "g/dL", "μmol/L", "mg/dL", "mg/L", "", "gramm", "10*9/L"])
RANGES = st.sampled_from(["", "115-150", "3.5～9.5", "<5", "阴性", "?", "5-"])
ROWS = st.lists(st.tuples(SUBJECTS, DAYS, HOURS, ITEMS, RESULTS, UNITS, RANGES), min_size=1, max_size=12)


def csv_row(cells):
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def taken(planned):
    """The plan without the rows that are refused: what a file without them would say."""
    return [row.line - 2 for row in planned.rows if row.fate != "refused"]


@given(rows=ROWS)
def test_the_counts_add_up(rows):
    """Each row has one fate; each refused row has a finding at its line, each new row a draft, no other has."""
    planned = plan(story(), *map(csv_row, rows))
    assert planned.counts.rows_read == len(rows) == len({row.line for row in planned.rows})
    assert planned.counts.new == len(planned.drafts)
    refused = {row.line for row in planned.rows if row.fate == "refused"}
    assert refused == {finding.source.line for finding in planned.findings}


@settings(max_examples=40)
@given(rows=ROWS)
def test_twice_is_once(rows):
    """What was written from a file is all there when the file comes again."""
    told = story()
    kept = [csv_row(rows[at]) for at in sorted(taken(plan(told, *map(csv_row, rows))))]
    if not kept:
        return
    first = plan(told, *kept)
    write(told, first)
    again = plan(told, *kept)
    assert (again.counts.new, again.counts.refused) == (0, 0)
    assert again.counts.left_out == first.counts.left_out
    assert again.counts.already_there == first.counts.new + first.counts.already_there


@given(rows=ROWS, data=st.data())
def test_the_order_of_the_rows_does_not_matter(rows, data):
    """The same entries with the same numbers, the same fates for the same reasons, the same findings and warnings."""
    shuffled = data.draw(st.permutations(rows))
    one, other = (plan(story(), *map(csv_row, each)) for each in (rows, shuffled))
    assert one.counts == other.counts
    assert [(draft.subject, draft.body.visit, draft.body.row) for draft in one.drafts] == [
        (draft.subject, draft.body.visit, draft.body.row) for draft in other.drafts
    ]
    assert [_same(each) for each in items(one)] == [_same(each) for each in items(other)]
    for found in ("findings", "warnings"):
        assert Counter((each.message, each.where) for each in getattr(one, found)) == Counter(
            (each.message, each.where) for each in getattr(other, found)
        )


def _same(entry):
    """An entry but for its comment: of two rows that say the same, either spelling may be the printed one."""
    return {key: text for key, text in entry.items() if key != "comment"}
