"""Data sets: numbers survive, keys stay unique, a data set is the same whatever order rows come in."""

from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from celltrial.datasets import build_dataset
from celltrial.datasets.context import number_rows
from celltrial.datasets.results import format_value, read_result, round_off

numbers = st.decimals(min_value="0.001", max_value="1000000", places=3)


@given(numbers)
def test_a_number_in_the_study_unit_is_kept(number):
    """What is typed in the study's own unit comes out unchanged."""
    result = read_result({"analyte": "hemoglobin", "value": str(number), "unit": "g/L"}, "", [])
    assert result.number == float(number)


@given(numbers)
def test_a_result_in_grams_per_decilitre_is_ten_times_as_many_per_litre(number):
    """Unit conversion by ten, exactly."""
    result = read_result({"analyte": "hemoglobin", "value": str(number), "unit": "g/dL"}, "", [])
    assert result.number == float(number * 10)


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_the_text_of_a_number_reads_back_as_the_number(number):
    """--STRESC and --STRESN agree."""
    assert float(format_value(number)) == round_off(number)


@given(
    st.lists(st.tuples(st.sampled_from(["S-1", "S-2"]), st.sampled_from(["2025-01-02", "2025-02", None])), max_size=12)
)
def test_sequence_numbers_run_from_one_in_each_participant(pairs):
    """Without gaps, without doubles, whatever the dates."""
    rows = [{"USUBJID": who, "DSSTDTC": when, "EVENTSEQ": seq} for seq, (who, when) in enumerate(pairs)]
    numbered = number_rows(rows, "DSSEQ", ("DSSTDTC",))
    for who in ("S-1", "S-2"):
        mine = [row["DSSEQ"] for row in numbered if row["USUBJID"] == who]
        assert mine == list(range(1, len(mine) + 1))


@given(st.permutations(range(1, 7)))
def test_the_order_rows_come_in_does_not_matter(order):
    """A data set is sorted by its keys."""
    base = {"STUDYID": "S", "DOMAIN": "DS", "USUBJID": "S-1", "DSTERM": "x", "DSDECOD": "X"}
    rows = [base | {"DSSEQ": number} for number in order]
    expected = build_dataset("DS", [base | {"DSSEQ": number} for number in range(1, 7)])
    assert_frame_equal(build_dataset("DS", rows).frame, expected.frame)
