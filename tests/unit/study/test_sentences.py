"""The registry record cut into sentences: every piece of text in exactly one, the same way each time."""

import pytest

from celltrial.study import cut_sentences, shipped_study

RECORD = (shipped_study() / "registry-record.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One line", ["One line"]),
        ("First. Second", ["First.", "Second"]),
        ("ANC ≥ 1.0 × 109/L and Hb ≥ 60 g/L. Blood", ["ANC ≥ 1.0 × 109/L and Hb ≥ 60 g/L.", "Blood"]),
        ("a rule; 7. Positive; 8. During", ["a rule;", "7. Positive;", "8. During"]),
        ("Sign the form (ICF); When signing", ["Sign the form (ICF);", "When signing"]),
        ("lungs, etc.; skin alone", ["lungs, etc.; skin alone"]),
        ("CARsgen Therapeutics Co., Ltd.", ["CARsgen Therapeutics Co., Ltd."]),
        ("• A bullet;\n\n\u2043 Another", ["A bullet;", "Another"]),
        ("two   blanks", ["two blanks"]),
        ("", []),
    ],
)
def test_cut(text: str, sentences: list[str]) -> None:
    """A line, a full stop or semicolon before a capital, and a numbered item end a sentence; numbers do not."""
    assert [each.text for each in cut_sentences(text)] == sentences


def test_the_ten_criteria_of_the_record_are_sentences_of_their_own() -> None:
    """Criteria 7 to 10, which scraping has run into one line, come apart at their numbers."""
    texts = [each.text for each in cut_sentences(RECORD)]
    assert [each.split(".")[0] for each in texts if each[:2].rstrip(".").isdecimal()] == ["7", "8", "9", "10"]
    assert len(texts) == 63


def test_ids_run_in_the_order_of_the_text_and_lines_are_the_files() -> None:
    """S01 is the title on line 1; each sentence is found on the line it names."""
    sentences = cut_sentences(RECORD)
    lines = RECORD.splitlines()
    assert [each.id for each in sentences] == [f"S{n:02d}" for n in range(1, 64)]
    assert all(each.text in " ".join(lines[each.line - 1].split()) for each in sentences)
