"""How long grade 0 must last for an episode to have ended."""

from datetime import UTC, datetime, timedelta

import pytest

from celltrial.missing import NotGradable
from celltrial.safety.episodes import find_episodes
from celltrial.safety.grades import Grade


def episodes(text: str, quiet_hours: int) -> list[tuple[int, int, int | None]]:
    """`1 2 0 . 1`: a grade a day, `.` for one that is not known -> onset, maximum and resolution by day."""
    graded = [
        (datetime(2026, 3, day, 8, tzinfo=UTC), NotGradable("") if each == "." else Grade(int(each), ()))
        for day, each in enumerate(text.split(), start=1)
    ]
    found = find_episodes(graded, quiet=timedelta(hours=quiet_hours))
    return [(each.onset.day, each.maximum, each.resolution.day if each.resolution else None) for each in found]


@pytest.mark.parametrize(
    ("text", "quiet_hours", "expected"),
    [
        ("0 0", 0, []),
        ("1 2 0 1", 0, [(1, 2, 3), (4, 1, None)]),
        ("1 2 0 1", 24, [(1, 2, 3), (4, 1, None)]),
        ("1 2 0 1", 25, [(1, 2, None)]),
        ("1 2 0 3 0 0 0", 48, [(1, 3, 5)]),
        ("1 2 0 3 0 0", 48, [(1, 3, None)]),
        ("1 0 1 0 1 0 0 0", 48, [(1, 1, 6)]),
        ("1 0 . .", 24, [(1, 1, None)]),
        ("1 0 . 0", 48, [(1, 1, 2)]),
        ("1 . 0 0", 24, [(1, 1, 3)]),
        (". 1", 24, [(2, 1, None)]),
    ],
)
def test_quiet_time(text: str, quiet_hours: int, expected: list[tuple[int, int, int | None]]) -> None:
    """A grade before the quiet time is over belongs to the episode; an end that was not seen to last is none yet."""
    assert episodes(text, quiet_hours) == expected
