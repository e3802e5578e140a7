"""Cutting a record into sentences loses nothing, whatever the text."""

from hypothesis import given
from hypothesis import strategies as st

from celltrial.study import cut_sentences


@given(st.text(alphabet=st.sampled_from("aB1.;:• \n-"), max_size=80))
def test_no_word_is_lost_or_doubled(text: str) -> None:
    """The words of the sentences are the words of the text, in order; only bullets at the start of a line go."""
    kept = "".join("".join(each.text.split()) for each in cut_sentences(text))
    lines = ("".join(line.strip().lstrip("•⁃-–*· \t").split()) for line in text.splitlines())
    assert kept == "".join(lines)
