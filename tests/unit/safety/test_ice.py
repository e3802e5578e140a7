"""ICE: items that were not tested, and words that cannot be read."""

import pytest

from celltrial.errors import UsageError
from celltrial.missing import NotEvaluable
from celltrial.safety.ice import ice_items, score_ice

ALL = dict.fromkeys(ice_items(), "yes")


def test_ten_items_of_one_point() -> None:
    """Failed items are named."""
    result = score_ice(ALL | {"writing": "no", "month": "no"})
    assert (result.total, result.range, result.lost) == (8, (8, 8), ("month", "writing"))


def test_an_item_that_was_not_tested_leaves_the_total_open() -> None:
    """Blank, missing or unknown: a range, never a lost point."""
    result = score_ice(dict.fromkeys(ice_items()[:8], "yes") | {"writing": "", "attention": "unknown"})
    assert result.total == NotEvaluable("not known: writing, attention; 8 to 10 points", lower_bound=8)
    assert (result.range, result.lost) == ((8, 10), ())


def test_words_that_cannot_be_read() -> None:
    """All of them at once."""
    with pytest.raises(UsageError) as caught:
        score_ice(ALL | {"year": "1", "city": "wrong"})
    assert [each.where for each in caught.value.findings] == ["year", "city"]
