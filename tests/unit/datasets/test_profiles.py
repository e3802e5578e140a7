"""Profiles from the record: white cells, lot and donor, doubts, and a second infusion that starts anew."""

from datetime import UTC, date, datetime

import pytest

from celltrial.datasets import derive_sdtm, nca_options
from celltrial.datasets.context import open_casebook
from celltrial.datasets.profiles import SampledProfile, check_profiles, derive_profiles, in_blood
from celltrial.errors import Finding
from celltrial.kinetics import Estimate
from celltrial.record.bodies import Consent, Enrolment, Infusion, KineticsSample, Lymphodepletion
from small_trial import Book, ct1192

WHO = "01-001"


def book_of(samples: list[tuple[str, str]], *, reinfused: str = "") -> Book:
    """One participant infused on 1 August 2025 at 10:00; samples as (collected, value; blank is BLQ)."""
    book = Book()
    book.write(Consent(signed_at="2025-07-11", document_version="1.0"), WHO)
    book.write(Enrolment(enrolled_on="2025-07-20"), WHO)
    book.write(Lymphodepletion(started_on="2025-07-27", ended_on="2025-07-29", agents=()), WHO)
    product = {"level": "DL1", "planned_cells": "3.0e8", "actual_cells": "2.9e8"}
    book.until("2025-08-01")
    book.write(Infusion(infused_at="2025-08-01T10:00", lot="L1", donor="D1", **product), WHO)
    if reinfused:
        book.until(reinfused)
        book.write(Infusion(infused_at=f"{reinfused}T10:00", lot="L2", donor="D2", number="2", **product), WHO)
    book.now = max(book.now, datetime(2025, 12, 1, tzinfo=UTC))
    for collected, value in samples:
        day = (date.fromisoformat(collected[:10]) - date(2025, 8, 1)).days
        sample = {"analyte": "car_transgene", "specimen": "blood", "unit": "copies/ug", "lloq": "50"}
        counted = {"leukocytes": "2.0", "leukocytes_unit": "10*9/L"}
        blq = {"value": value, "blq": "no" if value else "yes"}
        book.write(KineticsSample(nominal_day=str(day), collected_at=collected, **sample, **counted, **blq), WHO)
    return book


def profiles_of(book: Book) -> tuple[SampledProfile, ...]:
    opened = open_casebook(ct1192(), book.state())
    return tuple(derive_profiles(opened, nca_options(ct1192())))


def doubts_of(book: Book) -> list[Finding]:
    opened = open_casebook(ct1192(), book.state())
    return [finding for _, findings in check_profiles(opened, profiles_of(book)) for finding in findings]


FIRST = [
    ("2025-08-01T09:00", ""),
    ("2025-08-08T10:00", "4000"),
    ("2025-08-15T10:00", "15150"),
    ("2025-08-29T10:00", "600"),
]
SECOND = [("2025-09-15T10:00", "9000"), ("2025-09-22T10:00", "1000")]


def test_lot_donor_and_white_cells_come_along() -> None:
    """15,150 copies/ug with 2.0 x 10^9 white cells per litre are 200 copies/uL."""
    (found,) = profiles_of(book_of(FIRST))
    assert (found.lot, found.donor, found.infusion) == ("L1", "D1", 1)
    assert found.leukocytes_per_ul == (2000.0,) * 4
    peak = [sample.value for sample in in_blood(found).samples if sample.day == 14.0]
    assert peak == [pytest.approx(200.0)]


def test_a_second_infusion_starts_its_own_profile() -> None:
    """Infused again on 8 September: days count from there; the first keeps its own, and its rest is named."""
    one, two = profiles_of(book_of([*FIRST, *SECOND], reinfused="2025-09-08"))
    assert one.nca["cmax"] == Estimate(15150.0, "copies/ug")
    assert one.nca["tlast"].value == 28.0
    assert (two.infusion, two.lot, two.donor) == (2, "L2", "D2")
    assert [sample.day for sample in two.profile.samples] == [7.0, 14.0]
    assert two.nca["cmax"] == Estimate(9000.0, "copies/ug")
    assert two.left_over == "600 copies/ug on day 28 from the first infusion, the last sample before infusion 2"
    assert (one.left_over, two.profile.samples[0].nominal_day) == ("", None)


def test_pp_and_relrec_keep_the_infusions_apart() -> None:
    """Each profile has its group, in PC and in PP; ADPP has the first."""
    state = book_of([*FIRST, *SECOND], reinfused="2025-09-08").state()
    sdtm = derive_sdtm(ct1192(), state)
    pp, pc = sdtm["PP"].frame, sdtm["PC"].frame
    groups = {"CARTG-BLOOD", "CARTG-BLOOD-2"}
    assert set(pp["PPGRPID"]) == set(pc["PCGRPID"]) == set(sdtm["RELREC"].frame["IDVARVAL"]) == groups
    assert dict(pp.select("PPGRPID", "PPTPTREF").iter_rows()) == {
        "CARTG-BLOOD": "FIRST INFUSION",
        "CARTG-BLOOD-2": "INFUSION 2",
    }
    assert sdtm["PP"].findings == ()


def test_doubts_are_told_with_their_subject() -> None:
    """The study's ceiling is 500,000 copies/ug; what an earlier infusion left is a doubt, too."""
    (ceiling,) = doubts_of(book_of([*FIRST[:2], ("2025-08-15T10:00", "600000")]))
    assert ceiling.where == "subject 01-001, car_transgene, day 14"
    assert ceiling.expected == "at most 500000"
    assert doubts_of(book_of(FIRST)) == []
    (left,) = doubts_of(book_of([*FIRST, *SECOND], reinfused="2025-09-08"))
    assert (left.message, left.where) == (
        "an earlier infusion had not gone",
        "subject 01-001, car_transgene (infusion 2)",
    )
