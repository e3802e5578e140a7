"""Dates: as precise as recorded, at the site's clock, compared only where they can be."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from celltrial.datasets.moments import is_before, parse_moment

WUHAN = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "iso", "day"),
    [
        ("2025-08-01T10:00", "2025-08-01T10:00", date(2025, 8, 1)),
        ("2025-08-01 10:00:30", "2025-08-01T10:00:30", date(2025, 8, 1)),
        ("2025-07-31T23:30+00:00", "2025-08-01T07:30", date(2025, 8, 1)),
        ("2025-07-31T23:30:05Z", "2025-08-01T07:30:05", date(2025, 8, 1)),
        ("2025-08", "2025-08", None),
        ("2025", "2025", None),
    ],
)
def test_iso_text_and_day_at_the_site(text, iso, day):
    """A time with another zone is shown at the site's clock, and its day is the site's."""
    moment, findings = parse_moment(text, WUHAN)
    assert (moment.iso, moment.day, findings) == (iso, day, ())


def test_a_text_that_is_no_date_becomes_a_finding():
    """No exception, no invented date."""
    moment, findings = parse_moment("yesterday", WUHAN, where="AE 01-001")
    assert (moment.iso, moment.reason) == (None, "not a date: 'yesterday'")
    assert findings[0].where == "AE 01-001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-08-01T09:59", True),
        ("2025-08-01T10:00", True),
        ("2025-08-01T10:01", False),
        ("2025-08-01", True),
        ("2025-08-02", False),
        ("2025-07", None),
        ("", None),
    ],
)
def test_before_the_infusion(text, expected):
    """Infusion on 2025-08-01 at 10:00."""
    infusion, _ = parse_moment("2025-08-01T10:00", WUHAN)
    assert is_before(parse_moment(text, WUHAN)[0], infusion) is expected
