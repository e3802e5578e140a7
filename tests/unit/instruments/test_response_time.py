"""Times of response and survival: what counts, what is censored, what is not known, what cannot be."""

import pytest

from celltrial.errors import UsageError
from celltrial.instruments import (
    TherapyStart,
    TimeToEvent,
    compute_duration_of_response,
    compute_flare_free_survival,
    compute_time_to_first_response,
    compute_time_to_loss_of_response,
    compute_treatment_free_survival,
    judge_durable_response,
    judge_maintained_response,
    judge_sustained_response,
)
from celltrial.missing import NotEstimable


def course(text: str) -> list[tuple[int, str]]:
    """`28+ 56? 84-`: in response, not known, not in response."""
    words = {"+": "yes", "-": "no", "?": "unknown"}
    return [(int(each[:-1]), words[each[-1]]) for each in text.split()]


def start(day: int, drug: str = "azathioprine", lupus: str = "yes", systemic: str = "yes") -> TherapyStart:
    return TherapyStart(day=day, drug=drug, is_for_lupus=lupus, is_systemic=systemic)  # type: ignore[arg-type]


def free(*starts: TherapyStart, until: int = 365, **changes: object) -> TimeToEvent:
    found = compute_treatment_free_survival(starts, followed_until=until, **({"is_off_treatment": "yes"} | changes))
    assert isinstance(found, TimeToEvent)
    return found


@pytest.mark.parametrize("text", ["", "28? 56?"])
def test_no_visit_judged_is_no_time(text: str) -> None:
    assert isinstance(compute_time_to_first_response(course(text)), NotEstimable)


@pytest.mark.parametrize("text", ["28-", "28? 56-"])
def test_what_never_was_is_not_lost(text: str) -> None:
    assert compute_time_to_loss_of_response(course(text)) == NotEstimable("no visit known to be in response")
    assert isinstance(compute_duration_of_response(course(text)), NotEstimable)


def test_reasons_name_the_days() -> None:
    assert (
        compute_time_to_first_response(course("28- 56? 84+")).reason == "first response on day 84; not known on day 56"
    )
    open_end = compute_time_to_loss_of_response(course("28+ 56+ 84-"), confirm=2)
    assert open_end.reason == "response of day 28 still there on day 56; without response on day 84, not confirmed"


def test_days_and_words_that_cannot_be_are_told_together() -> None:
    with pytest.raises(UsageError) as told:
        compute_time_to_first_response([(56, "yes"), (56, "no"), (-1, "maybe")])  # type: ignore[list-item]
    assert len(told.value.findings) == 4
    with pytest.raises(UsageError, match="confirm"):
        compute_time_to_loss_of_response(course("28+"), confirm=0)


@pytest.mark.parametrize(
    ("text", "complete", "answer"),
    [
        ("28+ 56+ 84+", True, "yes"),
        ("28+ 56+ 84-", True, "no"),
        ("28+ 56+ 84-", False, "unknown"),
        ("28+ 56? 84+", True, "unknown"),
        ("28+ 56- 84? 112?", True, "no"),
        ("28? 56? 84?", True, "unknown"),
        ("", True, "no"),
        ("28+ 56+ 84+ 112-", False, "yes"),
    ],
)
def test_durable_is_so_many_visits_in_a_row(text: str, complete: bool, answer: str) -> None:
    assert judge_durable_response(course(text), visits=3, is_follow_up_complete=complete).answer == answer


@pytest.mark.parametrize(
    ("text", "gap", "answer"),
    [
        ("28+ 118+", None, "yes"),
        ("28+ 117+", None, "no"),
        ("28+ 73? 118+", None, "unknown"),
        ("28+ 73+ 118+", 45, "yes"),
        ("28+ 74+ 118+", 45, "unknown"),
        ("28+ 73- 118+", None, "no"),
    ],
)
def test_maintained_is_so_many_days_between_visits(text: str, gap: int | None, answer: str) -> None:
    found = judge_maintained_response(course(text), days=90, is_follow_up_complete=True, max_gap_days=gap)
    assert found.answer == answer


def test_while_follow_up_goes_on_nothing_is_lost_yet() -> None:
    found = judge_maintained_response(course("28+ 56+"), days=90, is_follow_up_complete=False)
    assert (found.answer, found.reason) == ("unknown", "28 days in response, needs 90; follow-up goes on")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("180+ 270+ 365+", "yes"),
        ("170+ 270+ 370+", "yes"),
        ("190+ 270+ 365+", "unknown"),
        ("180+ 270+ 360+", "unknown"),
        ("180+ 270? 365+", "unknown"),
        ("170- 270+ 365+", "unknown"),
        ("180+ 270+ 370-", "unknown"),
        ("180+ 270- 365+", "no"),
        ("190+ 270-", "no"),
        ("", "unknown"),
    ],
)
def test_sustained_covers_both_ends(text: str, answer: str) -> None:
    assert judge_sustained_response(course(text), from_day=180, until_day=365).answer == answer


def test_a_gap_that_is_too_long_is_no_sustained_response() -> None:
    visits = course("180+ 270+ 365+")
    assert judge_sustained_response(visits, from_day=180, until_day=365, max_gap_days=95).answer == "yes"
    assert judge_sustained_response(visits, from_day=180, until_day=365, max_gap_days=94).answer == "unknown"


def test_lengths_are_positive() -> None:
    with pytest.raises(UsageError, match="visits"):
        judge_durable_response([], visits=0, is_follow_up_complete=True)
    with pytest.raises(UsageError, match="days"):
        judge_sustained_response([], from_day=10, until_day=10)


def test_death_ends_flare_free_survival_or_censors_it() -> None:
    assert compute_flare_free_survival(course("28- 56-"), death_day=70).day == 70
    censored = compute_flare_free_survival(course("28- 56-"), death_day=70, is_death_counted=False)
    assert (censored.day, censored.is_event, censored.reason) == (56, False, "no flare up to day 56; death on day 70")
    before = compute_flare_free_survival(course("28- 56+"), death_day=70)
    assert (before.day, before.reason) == (56, "first flare on day 56")
    with pytest.raises(UsageError, match="visit of day 84"):
        compute_flare_free_survival(course("28- 84-"), death_day=70)


def test_after_an_unknown_visit_nothing_is_known_to_be_free_of_flare() -> None:
    died = compute_flare_free_survival(course("28- 56? 84-"), death_day=90)
    assert (died.day, died.is_event, died.known_free_until, died.unknown_days) == (90, True, 28, (56,))


def test_without_a_restart_the_time_is_censored_at_the_end_of_follow_up() -> None:
    assert (free().day, free().is_event, free().known_free_until) == (365, False, 365)


def test_only_systemic_treatment_of_lupus_that_is_not_allowed_is_a_restart() -> None:
    assert free(start(100)).day == 100
    assert free(start(100)).known_free_until == 99
    assert free(start(100, lupus="no")).is_event is False
    assert free(start(100, systemic="no")).is_event is False
    assert free(start(100, "hydroxychloroquine"), allowed={"hydroxychloroquine"}).is_event is False
    assert free(start(200), start(100, "hydroxychloroquine"), allowed=["hydroxychloroquine"]).day == 200
    assert free(start(100, lupus="no"), start(100)).day == 100


def test_a_start_of_unknown_purpose_ends_what_is_known() -> None:
    unsure = free(start(100, lupus="unknown"))
    assert (unsure.day, unsure.is_event, unsure.unknown_days) == (99, False, (100,))
    later = free(start(100, lupus="unknown"), start(200))
    assert (later.day, later.is_event, later.known_free_until) == (200, True, 99)
    assert free(start(100, lupus="unknown", systemic="no")).day == 365
    assert free(start(0, lupus="unknown")).day == 0


def test_starts_on_days_in_a_row_are_kept_apart() -> None:
    found = free(start(99, lupus="no"), start(100))
    assert (found.day, found.known_free_until) == (100, 99)


def test_who_went_on_with_treatment_has_no_treatment_free_time() -> None:
    for word in ("no", "unknown"):
        found = compute_treatment_free_survival([], followed_until=365, is_off_treatment=word)  # type: ignore[arg-type]
        assert isinstance(found, NotEstimable)


def test_death_ends_treatment_free_survival_or_censors_it() -> None:
    assert (free(until=300, death_day=300).day, free(until=300, death_day=300).is_event) == (300, True)
    assert free(until=300, death_day=300, is_death_counted=False).is_event is False


def test_days_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError) as told:
        free(start(-3), start(400), until=365)
    assert len(told.value.findings) == 2
    with pytest.raises(UsageError, match="end of follow-up"):
        free(until=-1)
    with pytest.raises(UsageError, match="end of follow-up"):
        free(until=365, death_day=300)
    with pytest.raises(UsageError, match="is_off_treatment"):
        free(is_off_treatment="yes?")
    with pytest.raises(UsageError, match="is_systemic"):
        start(3, systemic="local")
