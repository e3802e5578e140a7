"""The medication log in time: prednisone equivalents of each line and of each day, and what leaves them open."""

from datetime import date, datetime
from fractions import Fraction

import pytest

from celltrial.datasets.adam.treatment import is_stable, read_log, standard_doses_on
from celltrial.datasets.context import open_casebook
from celltrial.datasets.medication_log import medical_history, medication_log
from celltrial.datasets.sdtm.cm import derive_cm
from celltrial.errors import UsageError
from celltrial.missing import NotEvaluable
from celltrial.record.bodies import FormEntry, Visit
from lab_files import ANNA, BERTA, story

PREDNISONE = {"drug": "prednisone", "drug_class": "glucocorticoid", "dose": "10", "unit": "mg", "per_day": "1"}
DAILY = PREDNISONE | {"route": "oral", "start": "2025-09-01", "ongoing": "yes", "indication": "SLE"}
METHOTREXATE = DAILY | {"drug": "methotrexate", "drug_class": "immunosuppressant", "dose": "15", "every_days": "7"}


def told(*rows, visit_on="2025-11-28"):
    """A story whose log, with these rows, was read at month 2 after an infusion on 2025-10-01."""
    book = story(infused="2025-10-01T10:00")
    for number, items in enumerate(rows, start=1):
        given = {name: text for name, text in items.items() if text}
        book.write(FormEntry(form="medications", visit="SCR", row=str(number), items=given), ANNA)
    book.write(Visit(visit="M2", on=visit_on), ANNA)
    return book


def log_of(book):
    zone = book.study.site.zone
    return medication_log(book.study, book.state, ANNA, datetime(2025, 12, 31, 12, tzinfo=zone))


def dose(book, day):
    """The stretch that holds the day: (at least, at most)."""
    stretch = next(each for each in log_of(book).stretches if each.first <= date.fromisoformat(day) <= each.last)
    return stretch.mg_per_day.lower, stretch.mg_per_day.upper


def log_lines(book):
    return [(each.dose, each.frequency, each.prednisone_mg_per_day) for each in log_of(book).lines]


def adam_log(book):
    opened = open_casebook(book.study, book.state)
    return read_log(opened, next(case for case in opened.cases if case.subject == ANNA))


def test_the_equivalent_of_a_line():
    """4 mg of methylprednisolone, and 20 mg of hydrocortisone, are 5 mg of prednisone."""
    book = told(
        DAILY | {"drug": "methylprednisolone", "dose": "8"},
        DAILY | {"drug": "hydrocortisone", "dose": "10", "per_day": "2"},
        METHOTREXATE,
    )
    assert log_lines(book) == [("8 mg", "1 x a day", 10), ("10 mg", "2 x a day", 5), ("15 mg", "1 x a week", None)]


def test_every_other_day_and_weekly_are_averaged():
    """15 mg every other day are 7.5 mg a day; 35 mg a week 5 mg a day."""
    book = told(DAILY | {"dose": "15", "every_days": "2"}, DAILY | {"dose": "35", "every_days": "7"})
    assert [equivalent for _, _, equivalent in log_lines(book)] == [Fraction(15, 2), 5]
    assert dose(book, "2025-10-10") == (Fraction(25, 2), Fraction(25, 2))


def test_a_taper_is_a_row_of_stretches():
    """Days join where the total is the same; study days have no day 0; limits as the study has them (5 and 7.5 mg)."""
    book = told(
        DAILY | {"ended": "2025-09-30", "ongoing": "no"},
        DAILY | {"dose": "7.5", "start": "2025-10-01", "ended": "2025-10-28", "ongoing": "no"},
        DAILY | {"dose": "5", "start": "2025-10-29"},
    )
    found = [
        (each.first_study_day, each.last_study_day, each.mg_per_day.lower, each.within_doris, each.within_lldas)
        for each in log_of(book).stretches
    ]
    assert found == [
        (-30, -1, 10, "no", "no"),
        (1, 28, Fraction(15, 2), "no", "yes"),
        (29, 59, 5, "yes", "yes"),
        (60, 92, 0, "unknown", "unknown"),
    ]


def test_after_the_log_was_read_nothing_is_known():
    """At least what a dated course says, no upper limit, and the reason."""
    last = log_of(told(DAILY | {"ended": "2025-12-31", "ongoing": "no"})).stretches[-1]
    assert (last.first, last.mg_per_day.upper) == (date(2025, 11, 29), None)
    assert last.reasons[0] == "the medication log was last read on 2025-11-28"


def test_a_partial_date_is_a_bound():
    """Ended in November: for certain until the first day of it, perhaps until the last."""
    book = told(DAILY | {"ended": "2025-11", "ongoing": "no"})
    assert [dose(book, day) for day in ("2025-11-01", "2025-11-02", "2025-11-28")] == [(10, 10), (0, 10), (0, 10)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"per_day": ""}, "per_day not known"),
        ({"as_needed": "yes"}, "per_day not known"),
        ({"dose": ""}, "mg not known"),
        ({"route": ""}, "route not known"),
        ({"drug": "cortivazol"}, "'cortivazol' is not in the table of glucocorticoids"),
    ],
)
def test_what_is_not_known_stays_open(more, reason):
    """No number for the line; the day has no upper limit, and says why."""
    book = told(DAILY | more)
    ((_, _, equivalent),) = log_lines(book)
    assert equivalent == NotEvaluable(reason)
    assert dose(book, "2025-10-10") == (0, None)
    assert reason in log_of(book).stretches[0].reasons[0]


def test_a_dose_since_march_says_nothing_of_february():
    """Prednisone since 2019, at 5 mg since 10 September: before that day it was taken at a dose not told."""
    book = told(DAILY | {"dose": "5", "start": "2019", "stable_since": "2025-09-10"})
    assert [dose(book, day) for day in ("2025-09-09", "2025-09-10")] == [(0, None), (5, 5)]
    assert [each.dose for each in log_of(book).lines] == ["", "5 mg"]


def test_a_weekly_dose_is_held_against_the_weekly_maximum():
    """Methotrexate, 30 mg a week at most (Golder 2016, table 3): 30 is within, 32.5 is not."""
    for given, answer in (("30", "yes"), ("32.5", "no")):
        log = adam_log(told(METHOTREXATE | {"dose": given}))
        assert standard_doses_on(log, date(2025, 10, 10))[0] == answer


@pytest.mark.parametrize("said", ["yes", "no", "unknown"])
def test_a_drug_without_a_maximum_is_as_the_log_says(said):
    """Tacrolimus has no published maximum: the investigator's word counts, and silence is unknown."""
    row = METHOTREXATE | {"drug": "tacrolimus", "dose": "1", "every_days": "", "per_day": "2"}
    answer, _ = standard_doses_on(adam_log(told(row | {"standard_dose": said})), date(2025, 10, 10))
    assert answer == said
    assert standard_doses_on(adam_log(told(row)), date(2025, 10, 10))[0] == "unknown"


def test_a_dose_changed_within_the_window_is_not_known_to_be_stable():
    """Azathioprine since 2020, at this dose since 1 October: stable on 5 November, open on 15 October (30 days)."""
    row = METHOTREXATE | {"drug": "azathioprine", "start": "2020", "stable_since": "2025-10-01", "every_days": ""}
    log = adam_log(told(row))
    assert [is_stable(log, date(2025, month, day), days=30) for month, day in ((11, 5), (10, 15))] == ["yes", "unknown"]


@pytest.mark.parametrize(
    ("more", "frequency"),
    [
        ({"per_day": "2"}, "BID"),
        ({"every_days": "2"}, "QOD"),
        ({"every_days": "14"}, "EVERY 2 WEEKS"),
        ({"every_days": "3"}, "EVERY 3 DAYS"),
        ({"as_needed": "yes"}, "PRN"),
    ],
)
def test_how_often_in_sdtm(more, frequency):
    """CM.CMDOSFRQ: a weekly drug is not exported as a daily one."""
    book = told(DAILY | more)
    assert derive_cm(book.study, book.state).frame["CMDOSFRQ"].to_list() == [frequency]


def test_the_medical_history_in_time():
    """By onset; one without an onset comes last; the study day where the day is known."""
    book = story(infused="2025-10-01T10:00")
    for number, (condition, onset) in enumerate((("asthma", ""), ("migraine", "2025-09-30"), ("sle", "2019")), 1):
        items = {"condition": condition, "status": "ongoing"} | ({"onset": onset} if onset else {})
        book.write(FormEntry(form="medical_history", visit="SCR", row=str(number), items=items), ANNA)
    found = [(each.condition, each.onset_study_day) for each in medical_history(book.study, book.state, ANNA)]
    assert found == [("sle", None), ("migraine", -1), ("asthma", None)]


def test_a_log_is_of_a_participant():
    """A subject that the record does not have is wrong use; one without rows has an empty log."""
    book = told(DAILY)
    with pytest.raises(UsageError, match="no such participant"):
        medication_log(book.study, book.state, "01-999", book.now)
    empty = medication_log(book.study, book.state, BERTA, book.now)
    assert (empty.lines, empty.stretches) == ((), ())
