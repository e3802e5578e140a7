"""IgG: bands on both sides of every limit, samples hidden by immunoglobulin, episodes, grades. `day:g/L`."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from celltrial.errors import UsageError
from celltrial.missing import Blq, NotEvaluable, NotGradable
from celltrial.safety.grades import Grade
from celltrial.safety.hypogammaglobulinaemia import (
    IggBand,
    IggReading,
    IggSample,
    grade_hypogammaglobulinaemia,
    igg_bands,
    igg_episodes,
    read_igg,
)

START = date(2026, 1, 1)
NO = {"hospitalised": "no", "life_threatening": "no", "death": "no"}


def day(number: int) -> date:
    return START + timedelta(days=number)


def course(text: str) -> list[IggSample]:
    samples = []
    for each in text.split():
        number, _, count = each.partition(":")
        value = None if count == "?" else Blq(Decimal(count[1:])) if count.startswith("<") else Decimal(count)
        samples.append(IggSample(on=day(int(number)), igg_g_l=value))
    return samples


def reading(text: str, *doses: int) -> IggReading:
    return read_igg(course(text), [day(each) for each in doses])[-1]


@pytest.mark.parametrize(
    ("igg", "band"),
    [("7", "normal"), ("6.99", "mild"), ("6", "mild"), ("5.99", "moderate"), ("4", "moderate"), ("3.99", "severe")],
)
def test_the_default_bands(igg: str, band: str) -> None:
    assert reading(f"0:{igg}").band == band


@pytest.mark.parametrize(
    ("igg", "band"), [("7", "normal"), ("6.9", "moderate"), ("3", "moderate"), ("2.9", "profound")]
)
def test_another_set_of_bands(igg: str, band: str) -> None:
    assert read_igg(course(f"0:{igg}"), bands=igg_bands("nz_2019"))[0].band == band


def test_the_lower_limit_is_the_laboratorys() -> None:
    bands = igg_bands(lln_g_l=Decimal("7.51"))
    assert read_igg(course("0:7.5"), bands=bands)[0].band == "mild"
    with pytest.raises(UsageError, match="limits that fall"):
        igg_bands(lln_g_l=Decimal(6))
    with pytest.raises(UsageError, match="no such set"):
        igg_bands("ebmt")


def test_immunoglobulin_hides_a_normal_igg() -> None:
    hidden = reading("20:8", 0)
    assert hidden.band == NotEvaluable("immunoglobulin on 2026-01-01 hides the own IgG")
    assert (hidden.is_low, hidden.at_least, hidden.masked_by) == ("unknown", None, day(0))


def test_a_hidden_low_igg_is_at_least_as_low_as_it_shows() -> None:
    assert (reading("20:5", 0).at_least, reading("20:5", 0).is_low) == ("moderate", "yes")
    assert reading("20:3", 0).band == "severe"


@pytest.mark.parametrize(("drawn", "hidden"), [(0, False), (1, True), (28, True), (29, False)])
def test_how_long_a_dose_hides(drawn: int, hidden: bool) -> None:
    """A sample on the day of the dose is drawn before it."""
    assert (reading(f"{drawn}:8", 0).masked_by is not None) is hidden


def test_below_a_limit_of_quantification() -> None:
    assert reading("0:<4").band == "severe"
    assert reading("0:<5").at_least == "moderate"
    assert isinstance(reading("0:<5").band, NotEvaluable)
    assert reading("0:<8").is_low == "unknown"
    assert reading("0:?").is_low == "unknown"


def test_an_episode() -> None:
    (episode,) = igg_episodes(course("0:9 30:6.5 60:3.5 90:5 120:8 200:9"), [day(61), day(100)])
    assert (episode.onset, episode.nadir_g_l, episode.nadir_on) == (day(30), Decimal("3.5"), day(60))
    assert episode.worst_band == "severe"
    # day 120 is hidden by the dose of day 100
    assert episode.recovery == day(200)
    assert episode.immunoglobulin == (day(61), day(100))
    assert episode.flags == ("samples shortly after immunoglobulin: the own IgG may be lower than shown",)


def test_an_episode_without_recovery_is_followed_to_the_last_sample() -> None:
    (episode,) = igg_episodes(course("0:9 30:6 60:? 90:8"), [day(80)])
    assert episode.recovery == NotEvaluable("not surely normal by the last sample, 2026-04-01")
    assert episode.flags[0] == "1 samples without a value"
    assert not episode.nadir_is_masked


def test_two_episodes_and_none() -> None:
    assert len(igg_episodes(course("0:6 30:8 60:5 90:9"))) == 2
    assert igg_episodes(course("0:8 30:?")) == ()


@pytest.mark.parametrize(
    ("low", "given", "others", "grade"),
    [
        ("no", "no", {}, 0),
        ("yes", "no", {}, 1),
        ("yes", "yes", {}, 2),
        ("no", "yes", {}, 2),
        ("yes", "yes", {"hospitalised": "yes"}, 3),
        ("yes", "yes", {"life_threatening": "yes"}, 4),
        ("yes", "yes", {"death": "yes"}, 5),
        ("unknown", "yes", {}, 2),
    ],
)
def test_the_grade(low: str, given: str, others: dict[str, str], grade: int) -> None:
    result = grade_hypogammaglobulinaemia(low_igg=low, immunoglobulin_given=given, **(NO | others))  # type: ignore[arg-type]
    assert isinstance(result, Grade)
    assert result.value == grade


def test_the_grade_with_something_that_matters_not_known() -> None:
    result = grade_hypogammaglobulinaemia(low_igg="yes", immunoglobulin_given="unknown", **NO)  # type: ignore[arg-type]
    assert result == NotGradable("not known: immunoglobulin_given; the grade may be 1 to 2")
    with pytest.raises(UsageError, match="low_igg"):
        grade_hypogammaglobulinaemia(low_igg="low", immunoglobulin_given="no", **NO)  # type: ignore[arg-type]


def test_values_that_make_no_sense_are_refused_together() -> None:
    with pytest.raises(UsageError) as error:
        read_igg(course("0:-1 0:3"), mask_days=-1)
    assert len(error.value.findings) == 3
    with pytest.raises(UsageError, match="limits that fall"):
        read_igg([], bands=[IggBand(name="severe", below_g_l=Decimal(4)), IggBand(name="mild", below_g_l=Decimal(7))])
