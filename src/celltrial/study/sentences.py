"""A registry record cut into its sentences, by one function: the same text always gives the same sentences.

Every non-blank piece of the text belongs to exactly one sentence. A line ends a sentence; within a line a full stop or
a semicolon before a capital does, and so does a semicolon before a numbered item ("; 7. Positive for ..."), because
scraping has run several criteria of the record into one line. Bullet signs at the start of a line are dropped.
"""

import re
from dataclasses import dataclass

__all__ = ["RecordSentence", "cut_sentences", "squeeze"]

# "7. Positive" is the number of an item, no end of a sentence: the sign before the full stop may not be a digit
_END = re.compile(r"(?<=\D[.;])\s+(?=[A-Z])|(?<=;)\s+(?=\d+\.\s)")
_BULLETS = "•⁃-–*· \t"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSentence:
    """One sentence of the record: its id in the order of the text, its words, and the line it stands on."""

    id: str
    text: str
    line: int


def cut_sentences(record: str) -> tuple[RecordSentence, ...]:
    """The sentences of a record, in order, as `S01`, `S02`, ...

    >>> [each.text for each in cut_sentences("• One rule;\\n\\n⁃ Two rules; 7. Third rule at 1.0 g/L. Fourth.")]
    ['One rule;', 'Two rules;', '7. Third rule at 1.0 g/L.', 'Fourth.']
    """
    pieces = [
        (squeeze(piece), number)
        for number, line in enumerate(record.splitlines(), start=1)
        for piece in _END.split(line.strip().lstrip(_BULLETS))
        if piece.strip()
    ]
    return tuple(RecordSentence(id=f"S{n:02d}", text=text, line=line) for n, (text, line) in enumerate(pieces, start=1))


def squeeze(text: str) -> str:
    """The text with each run of blanks as one blank: what is compared, so that a line break changes nothing."""
    return " ".join(text.split())
