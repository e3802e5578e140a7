"""Study days, partial dates, calendar months, elapsed hours."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from celltrial.errors import DateError
from celltrial.studyday import add_span, completed_years, parse_partial_date, parse_span, site_zone, study_day

WUHAN = ZoneInfo("Asia/Shanghai")
INFUSION = date(2025, 7, 11)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2025, 7, 11), 1), (date(2025, 7, 12), 2), (date(2025, 7, 10), -1), (date(2025, 8, 7), 28)],
)
def test_there_is_no_day_zero(day: date, expected: int) -> None:
    """The reference day is day 1 and the day before it day -1 (SDTMIG 3.4, 4.4.4)."""
    assert study_day(day, INFUSION) == expected


@pytest.mark.parametrize(
    ("birth", "on", "expected"),
    [
        (date(1965, 7, 12), date(2026, 7, 11), 60),  # the day before the 61st birthday
        (date(1965, 7, 12), date(2026, 7, 12), 61),
        (date(2007, 7, 12), date(2025, 7, 11), 17),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
    ],
)
def test_age_is_completed_years(birth: date, on: date, expected: int) -> None:
    """Age changes on the birthday; one born on 29 February completes a year on 1 March of a common year."""
    assert completed_years(birth, on) == expected


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2025", "2025-01-01T00:00:00", "2025-12-31T23:59:59"),
        ("2024-02", "2024-02-01T00:00:00", "2024-02-29T23:59:59"),
        ("2025-07-11", "2025-07-11T00:00:00", "2025-07-11T23:59:59"),
        ("2025-07-11T08:30", "2025-07-11T08:30:00", "2025-07-11T08:30:59"),
        ("2025-07-11T08:30:15", "2025-07-11T08:30:15", "2025-07-11T08:30:15"),
        ("2025-07-11T00:30:00Z", "2025-07-11T08:30:00", "2025-07-11T08:30:00"),
    ],
)
def test_a_partial_date_is_an_interval(text: str, earliest: str, latest: str) -> None:
    """What is not known of a date becomes an interval on the site's clock."""
    parsed = parse_partial_date(text, WUHAN)
    assert parsed.earliest == datetime.fromisoformat(earliest).replace(tzinfo=WUHAN)
    assert parsed.latest == datetime.fromisoformat(latest).replace(tzinfo=WUHAN)
    assert parsed.text == text


@pytest.mark.parametrize("text", ["", "11/07/2025", "2025-13", "2025-02-30", "2025-7-1", "soon", "2025-07-11T25:00"])
def test_what_is_no_date_is_refused_with_the_text_found(text: str) -> None:
    """The message shows what was found and what a date looks like."""
    with pytest.raises(DateError, match="ISO 8601") as caught:
        parse_partial_date(text, WUHAN)
    assert repr(text) in str(caught.value)


def test_the_day_of_a_date_known_to_the_month_is_not_invented() -> None:
    """A month has no day: asking for it raises instead of taking the first."""
    with pytest.raises(DateError, match="the day is not known"):
        _ = parse_partial_date("2025-07", WUHAN).day


@pytest.mark.parametrize(
    ("start", "span", "sign", "expected"),
    [
        (date(2025, 8, 31), "6 months", 1, date(2026, 2, 28)),
        (date(2024, 8, 31), "6 months", -1, date(2024, 2, 29)),
        (date(2024, 2, 29), "1 year", 1, date(2025, 2, 28)),
        (date(2025, 7, 11), "2 weeks", -1, date(2025, 6, 27)),
    ],
)
def test_months_are_calendar_months(start: date, span: str, sign: int, expected: date) -> None:
    """Months and years clamp to the end of the month."""
    assert add_span(start, parse_span(span), sign=sign) == expected


def test_hours_are_elapsed_hours() -> None:
    """48 hours stay 48 hours where the clock is changed in between."""
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2025, 10, 25, 12, 0, tzinfo=berlin)
    after = add_span(before, parse_span("48 hours"))
    assert after == datetime(2025, 10, 27, 11, 0, tzinfo=berlin)


def test_hours_from_a_date_without_a_time_are_refused() -> None:
    """A day has no hour to count from."""
    with pytest.raises(DateError, match="time of day"):
        add_span(date(2025, 7, 11), parse_span("48 hours"))


@pytest.mark.parametrize("text", ["28", "6 fortnights", "-2 weeks", "2.5 months", ""])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """A span is a whole number of calendar units."""
    with pytest.raises(DateError, match="length of time"):
        parse_span(text)


def test_an_unknown_time_zone_is_refused() -> None:
    """The site's clock has an IANA name."""
    with pytest.raises(DateError, match="Asia/Shanghai"):
        site_zone("Wuhan")
