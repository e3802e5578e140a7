"""Any file at all: graded row by row or in columns, the bytes written or the findings are the same."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from celltrial.cli.grading.ctcae import _grade_ctcae_row
from celltrial.cli.grading.ctcae_large import grade_large
from celltrial.cli.grading.rows import ADDED, grade_rows
from celltrial.cli.tabular import add_columns, read_table
from celltrial.errors import CelltrialError

ENDS = [["\n"], ["\r\n"], ["\n", "\n\n"], ["\n", "\r\n"], ["\n", "\r"]]
COLUMNS = ("term", "direction", "value", "unit", "lln", "note")
cell = st.sampled_from(
    ["", " ", "Anemia", "L", "79", "79.5", "g/L", "120", "<5", "1e2", "nan", "é", "\u3000x\u00a0"]
) | st.text(alphabet='ab ",\n\r\u2028\u00a0\x1f', max_size=5)
quoted = cell.map(lambda text: '"' + text.replace('"', '""') + '"')
sound = st.tuples(
    st.sampled_from(["Anemia", "anemia", "Acidosis", ""]),
    st.sampled_from(["L", "l", "H"]),
    st.sampled_from(["79", "80", "100.0", "", "7.9e1", "<5"]),
    st.sampled_from(["g/L", "g/dL", ""]),
    st.sampled_from(["120", ""]),
    st.sampled_from(["", "plain", '"a, b"', '"say ""so"""', '"two\nlines"', " padded ", "é\u3000"]),
)
odd = st.lists(cell | quoted, min_size=6, max_size=6) | st.lists(cell | quoted, max_size=7)
row = st.integers(0, 19).flatmap(lambda each: odd if each == 19 else sound)


def by_row(file: Path, out: Path) -> bytes | str:
    try:
        table = read_table(file, required=COLUMNS[:4], adds=ADDED)
        add_columns(table, out, ADDED, grade_rows(table, lambda each: _grade_ctcae_row(each, "5.0", "worst-case")))
    except CelltrialError as error:
        return str(error)
    return out.read_bytes()


@settings(max_examples=200)
@given(rows=st.lists(row, max_size=6), ends=st.sampled_from(ENDS), mark=st.booleans(), data=st.data())
def test_the_same_file_either_way(rows: list[list[str]], ends: list[str], mark: bool, data: st.DataObject) -> None:
    """Where the way in columns takes a file, it writes what the way by rows writes; else it writes nothing."""
    lines = [",".join(cells) for cells in (COLUMNS, *rows)]
    text = "".join(line + data.draw(st.sampled_from(ends)) for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "in.csv", Path(folder) / "columns.csv"
        file.write_bytes((b"\xef\xbb\xbf" if mark else b"") + text.encode("utf-8"))
        went = grade_large(
            file,
            out,
            "5.0",
            "worst-case",
            lambda each: _grade_ctcae_row(each, "5.0", "worst-case"),
            lambda share, what: None,
        )
        assert went == out.exists()
        if went:
            assert out.read_bytes() == by_row(file, Path(folder) / "rows.csv")
