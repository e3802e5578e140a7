"""ADTTE: days from the infusion to first response, loss, flare and restart; censored where knowledge ends."""

from datetime import date

import pytest

from celltrial.record.bodies import Withdrawal
from lupus_story import WHO, LupusStory


def followed(*active: str, mg: str = "5", unknown: tuple[str, ...] = ()) -> LupusStory:
    """Visits D28 (day 28), M2 (60), M3 (90), M6 (180); a rash and PGA 1.5 where active; a PGA missing where unknown."""
    story = LupusStory()
    story.drug("prednisone", mg, "2025-01-01")
    for visit in ("D28", "M2", "M3", "M6"):
        if visit in active:
            story.visit(visit, pga="1.5", arthritis="yes", rash="yes", flare={"arthritis": "yes"})
        else:
            story.visit(visit, pga=None if visit in unknown else "0.0")
    return story


def test_time_to_the_first_response_is_an_event():
    """Active on day 28, in remission on day 60."""
    row = followed("D28").time("TTDORIS")
    assert (row["AVAL"], row["CNSR"], row["EVNTDESC"], row["ADT"], row["ADY"]) == (
        60,
        0,
        "DORIS",
        date(2025, 9, 30),
        61,
    )
    assert row["STARTDT"] == date(2025, 8, 1)
    assert row["FREEDY"] == 28


def test_without_response_the_time_is_censored_at_the_last_visit_known_to_be_without():
    """Active throughout."""
    row = followed("D28", "M2", "M3", "M6").time("TTLLDAS")
    assert (row["AVAL"], row["CNSR"], row["EVNTDESC"]) == (180, 1, "CENSORED")
    assert row["CNSDTDSC"] == "LAST VISIT KNOWN TO BE WITHOUT RESPONSE"


def test_an_unknown_visit_before_the_response_is_said():
    """Day 28 could not be judged: the response may have begun earlier."""
    row = followed(unknown=("D28",)).time("TTDORIS")
    assert (row["AVAL"], row["FREEDY"]) == (60, None)
    assert row["ANLNOTE"] == "first response on day 60; not known on day 28"


def test_a_baseline_that_allows_no_response_leaves_no_time():
    """Never censored as if there had been a chance."""
    story = LupusStory(with_baseline=False)
    story.baseline(rash="yes")
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28")
    row = story.time("TTSRI4")
    assert (row["AVAL"], row["CNSR"]) == (None, None)
    assert row["AVALRSN"].startswith(
        "no visit at which the response could be judged; not evaluable: baseline SLEDAI-2K"
    )


def test_duration_counts_from_the_first_visit_in_remission():
    """In remission on days 28 and 60, lost on day 90: 62 days."""
    row = followed("M3").time("DURDORIS")
    assert (row["AVAL"], row["CNSR"], row["EVNTDESC"]) == (62, 0, "LOSS OF DORIS")
    assert (row["STARTDT"], row["ADT"]) == (date(2025, 8, 29), date(2025, 10, 30))


def test_without_remission_it_has_no_duration():
    """Not estimable, never 0."""
    row = followed(mg="20").time("DURDORIS")
    assert (row["AVAL"], row["AVALRSN"].split(";")[0]) == (None, "no visit known to be in response")


def test_flare_by_either_definition():
    """Arthritis and rash come back on day 60: 6 points up, and a criterion of the index."""
    story = followed("M2")
    for code, event in (("FFSSFI", "FLARE (SFI)"), ("FFSSLD", "FLARE (SLEDAI-2K)")):
        row = story.time(code)
        assert (row["AVAL"], row["CNSR"], row["EVNTDESC"], row["FREEDY"]) == (60, 0, event, 28)


def test_after_an_unknown_visit_nothing_more_is_known_to_be_free_of_flare():
    """The flare index of day 60 was left blank."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28")
    story.visit("M2", flare={"arthritis": "unknown"})
    story.visit("M3")
    row = story.time("FFSSFI")
    assert (row["AVAL"], row["CNSR"]) == (28, 1)


def test_death_ends_survival_free_of_flare():
    """Day 100; no flare was seen before."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28")
    story.book.write(Withdrawal(on="2025-11-09", scope="study", reason="death"), WHO)
    row = story.time("FFSSFI")
    assert (row["AVAL"], row["CNSR"], row["EVNTDESC"]) == (100, 0, "DEATH")


@pytest.mark.parametrize(
    ("drug", "expected"),
    [
        (("mycophenolate mofetil", "500", "2025-09-10", "", {"drug_class": "immunosuppressant"}), (40, 0)),
        (("prednisone", "20", "2025-09-10", "", {}), (40, 0)),
        (("hydroxychloroquine", "200", "2025-09-10", "", {"drug_class": "antimalarial"}), (60, 1)),
        (("tacrolimus", "1", "2025-09-10", "", {"drug_class": "immunosuppressant", "indication": "GvHD"}), (60, 1)),
        (("tacrolimus", "1", "2025-09-10", "", {"drug_class": "immunosuppressant", "indication": "?"}), (39, 1)),
        (("tacrolimus", "1", "2025-09", "", {"drug_class": "immunosuppressant"}), (30, 1)),
    ],
)
def test_restart_of_treatment(drug, expected):
    """An immunosuppressant or more prednisone for lupus; an unknown purpose, or day, ends what is known to be free."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01", "2025-08-20")
    name, mg, start, ended, more = drug
    story.drug(name, mg, start, ended, **more)
    story.visit("D28")
    story.visit("M2")
    row = story.time("TFS")
    assert (row["AVAL"], row["CNSR"]) == expected


def test_a_taper_is_no_restart():
    """10, 7.5, then 5 mg."""
    story = LupusStory()
    for mg, start, ended in (
        ("10", "2025-07-28", "2025-08-20"),
        ("7.5", "2025-08-21", "2025-09-20"),
        ("5", "2025-09-21", ""),
    ):
        story.drug("prednisone", mg, start, ended)
    story.visit("D28")
    story.visit("M2")
    row = story.time("TFS")
    assert (row["AVAL"], row["CNSR"]) == (60, 1)


def test_who_goes_on_with_treatment_is_not_free_of_it():
    """Mycophenolate was not stopped for the infusion."""
    story = LupusStory()
    story.drug("mycophenolate mofetil", "500", "2025-01-01", drug_class="immunosuppressant")
    story.visit("D28")
    assert story.time("TFS")["AVALRSN"] == "treatment of lupus went on at the infusion"


def test_an_empty_log_leaves_no_treatment_free_time():
    """Silence is not freedom from treatment."""
    story = LupusStory()
    story.visit("D28")
    assert story.time("TFS")["AVALRSN"] == "nothing is on the medication log"


def test_only_infused_participants_have_times(adam):
    """01-001 and 01-003 of the small trial."""
    assert adam["ADTTE"].frame["SUBJID"].unique(maintain_order=True).to_list() == ["01-001", "01-003"]
