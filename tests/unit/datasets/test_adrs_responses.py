"""ADRS: what each visit is judged from, what stays unknown, and why. Values are worked out by hand from the forms."""

import polars as pl
import pytest

from lupus_story import WHO, LupusStory


def quiet_on(mg: str = "5", **changes) -> LupusStory:
    """No activity on day 28, prednisone unchanged since long before."""
    story = LupusStory()
    story.drug("prednisone", mg, "2025-01-01")
    story.visit("D28", **changes)
    return story


def test_remission_with_every_value_known():
    """Clinical SLEDAI 0, PGA 0.0, exactly 5 mg: remission by the study's reading, and the limit is flagged."""
    row = quiet_on().adrs("DORIS", "D28")
    assert (row["AVALC"], row["AVALRSN"]) == ("Y", None)
    assert row["ANLRSN"].startswith("clinical SLEDAI: 0, needs <= 0; PGA: 0.0, needs < 0.5; glucocorticoid: 5 mg/day")
    assert row["ANLNOTE"] == "glucocorticoid is exactly 5 mg/day: prints differ (< or <=); read here as allowed"


@pytest.mark.parametrize(
    ("mg", "doris", "lldas", "lldas5"),
    [("5", "Y", "Y", "Y"), ("5.1", "N", "Y", "N"), ("7.5", "N", "Y", "N"), ("7.6", "N", "N", "N")],
)
def test_the_dose_is_held_against_each_limit(mg, doris, lldas, lldas5):
    """DORIS and LLDAS-5 at 5 mg, LLDAS at 7.5 mg."""
    story = quiet_on(mg)
    assert [story.adrs(code, "D28")["AVALC"] for code in ("DORIS", "LLDAS", "LLDAS5")] == [doris, lldas, lldas5]


@pytest.mark.parametrize(("pga", "doris"), [("0.4", "Y"), ("0.5", "N"), ("0.6", "N")])
def test_pga_on_the_disputed_limit_is_no_remission_and_flagged(pga, doris):
    """The study reads below 0.5."""
    row = quiet_on(pga=pga).adrs("DORIS", "D28")
    assert row["AVALC"] == doris
    assert ("PGA is exactly 0.5" in (row["ANLNOTE"] or "")) is (pga == "0.5")


def test_a_missing_pga_leaves_remission_unknown_with_the_reason():
    """Never N."""
    row = quiet_on(pga=None).adrs("DORIS", "D28")
    assert row["AVALC"] is None
    assert row["AVALRSN"] == "PGA: not known; needs < 0.5; no PGA at this visit"


def test_an_item_that_is_unknown_leaves_it_unknown_unless_another_condition_fails():
    """With 20 mg the answer is no whatever the item; serology does not count in the clinical score."""
    assert quiet_on(urinary_casts="unknown").adrs("DORIS", "D28")["AVALC"] is None
    assert quiet_on("20", urinary_casts="unknown").adrs("DORIS", "D28")["AVALC"] == "N"
    assert quiet_on(low_complement="unknown").adrs("DORIS", "D28")["AVALC"] == "Y"
    assert quiet_on(low_complement="unknown").adrs("LLDAS", "D28")["AVALC"] is None


def test_an_empty_medication_log_says_nothing_of_the_dose():
    """No entry is not 0 mg."""
    story = LupusStory()
    story.visit("D28")
    dose, doris = story.adrs("GCMG", "D28"), story.adrs("DORIS", "D28")
    assert (dose["AVAL"], dose["AVALRSN"]) == (None, "at least 0, no upper limit; nothing is on the medication log")
    assert doris["AVALC"] is None
    assert "nothing is on the medication log" in doris["AVALRSN"]


def test_an_ongoing_drug_is_not_known_to_go_on_after_the_last_visit_that_asked():
    """The visit is not recorded as done, so the log was last read at screening."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28", is_done=False)
    row = story.adrs("DORIS", "D28")
    assert row["AVALC"] is None
    assert "the medication log was last read on 2025-07-14" in row["AVALRSN"]


def test_a_dose_known_in_bounds_decides_only_where_both_ends_agree():
    """20 mg ended some time in August: on the 29th 0 or 20 mg. With 2 mg both ends are below the limit."""
    story = LupusStory()
    story.drug("prednisone", "20", "2025-01-01", "2025-08")
    story.visit("D28")
    dose, doris = story.adrs("GCMG", "D28"), story.adrs("DORIS", "D28")
    assert dose["AVAL"] is None
    assert dose["AVALRSN"].startswith("at least 0, at most 20")
    assert doris["AVALC"] is None
    assert "from 0 mg/day, needs <= 5 mg/day to 20 mg/day, needs <= 5 mg/day" in doris["AVALRSN"]
    small = LupusStory()
    small.drug("prednisone", "2", "2025-01-01", "2025-08")
    small.visit("D28")
    assert small.adrs("DORIS", "D28")["AVALC"] == "Y"
    assert small.adrs("DORISDF", "D28")["AVALC"] is None


def test_a_high_dose_for_a_toxicity_is_no_remission_and_no_maintenance():
    """Methylprednisolone 40 mg is prednisone 50 mg."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.drug("methylprednisolone", "40", "2025-08-25", "2025-09-02", route="intravenous", indication="acute GvHD")
    story.visit("D28")
    assert (story.adrs("GCMG", "D28")["AVAL"], story.adrs("GCTOT", "D28")["AVAL"]) == (5.0, 55.0)
    row = story.adrs("DORIS", "D28")
    assert row["AVALC"] == "N"
    assert "no maintenance for lupus is counted" in row["ANLNOTE"]


@pytest.mark.parametrize(
    ("drugs", "free"),
    [
        ([("prednisone", "5", "2025-01-01", "2025-08-10", {})], "Y"),
        ([("prednisone", "5", "2025-01-01", "", {})], "N"),
        ([("hydroxychloroquine", "200", "2025-01-01", "", {"drug_class": "antimalarial"})], "N"),
        ([("azathioprine", "50", "2025-01-01", "", {"drug_class": "immunosuppressant"})], "N"),
        ([("azathioprine", "50", "2025-01-01", "2025-08", {"drug_class": "immunosuppressant"})], None),
    ],
)
def test_drug_free_remission(drugs, free):
    """Nothing at all, antimalarials among it; a drug that may still have been taken leaves it unknown."""
    story = LupusStory()
    for drug, mg, start, ended, more in drugs:
        story.drug(drug, mg, start, ended, **more)
    story.visit("D28")
    assert story.adrs("DORISDF", "D28")["AVALC"] == free


@pytest.mark.parametrize(("changed", "doris"), [("2025-07-15", "Y"), ("2025-08-15", "N"), ("2025-08", None)])
def test_a_changed_dose_of_an_immunosuppressant_is_not_stable(changed, doris):
    """Within the 30 days before 2025-08-29 the dose must be the same; a partial date may be either."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.drug("azathioprine", "100", changed, drug_class="immunosuppressant")
    story.visit("D28")
    assert story.adrs("DORIS", "D28")["AVALC"] == doris


def test_an_unknown_maximum_leaves_low_disease_activity_unknown():
    """No standard dose of tacrolimus is published, and the log does not say."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.drug("tacrolimus", "1", "2025-01-01", drug_class="immunosuppressant")
    story.visit("D28")
    assert story.adrs("LLDAS", "D28")["AVALC"] is None
    assert "standard doses: unknown" in story.adrs("LLDAS", "D28")["AVALRSN"]


def test_new_activity_is_against_the_assessment_before():
    """A rash that comes at month 2 is new (2 points: SLEDAI is low enough); at month 3 it is not new any more."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28")
    story.visit("M2", rash="yes")
    story.visit("M3", rash="yes")
    assert [story.adrs("LLDAS", visit)["AVALC"] for visit in ("D28", "M2", "M3")] == ["Y", "N", "Y"]


@pytest.mark.parametrize(("on", "found"), [("2025-09-05", "Y"), ("2025-09-06", None)])
def test_assessments_together_within_seven_days(on, found):
    """SLEDAI-2K on 29 August; a PGA of the same visit 7 days later is judged with it, one 8 days later is not."""
    row = quiet_on(pga_on=on).adrs("DORIS", "D28")
    assert row["AVALC"] == found
    if found is None:
        assert "PGA lies 8 days from the visit's day, at most 7 are judged together" in row["AVALRSN"]


def test_an_unscheduled_pga_near_enough_is_taken_and_said():
    """The visit itself has none."""
    story = quiet_on(pga=None)
    story.book.form("pga", WHO, "", assessed="2025-08-31", value="0.2")
    row = story.adrs("DORIS", "D28")
    assert (row["AVALC"], row["ANLNOTE"].split(" | ")[0]) == ("Y", "PGA is of another visit, 2 days away")


def test_a_score_of_another_window_is_not_mixed_in():
    """10 days on the form, the study judges 30."""
    story = LupusStory()
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28", window_days="10")
    story.book.form("sledai_2k", WHO, "M2", assessed="2025-09-30", window_days="10")
    assert "looks back 10 days; the study judges 30 days" in story.adrs("DORIS", "M2")["AVALRSN"]


def test_sri_4_needs_four_points():
    """6 points before; 2 after is a fall of 4, 3 would not do."""
    assert quiet_on(rash="yes").adrs("SRI4", "D28")["AVALC"] == "Y"
    row = quiet_on(rash="yes", fever="yes").adrs("SRI4", "D28")
    assert (row["AVALC"], row["ANLRSN"].split(";")[0]) == ("N", "SLEDAI-2K fall: 6 to 3, needs a fall of >= 4")


def test_a_baseline_too_low_is_neither_a_responder_nor_none():
    """A rash alone is 2 points: it cannot fall by 4. BICLA: B in one system alone is not enough."""
    story = LupusStory(with_baseline=False)
    story.baseline(bilag={"mucocutaneous": "B"}, rash="yes")
    story.drug("prednisone", "5", "2025-01-01")
    story.visit("D28")
    for code, why in (("SRI4", "baseline SLEDAI-2K 2"), ("BICLA", "baseline BILAG 0 A, 1 B")):
        row = story.adrs(code, "D28")
        assert (row["AVALC"], row["EVLFL"]) == (None, "N")
        assert row["AVALRSN"].startswith(f"not evaluable: {why}")


def test_a_restart_of_treatment_breaks_the_rule_of_the_responder_indices():
    """More prednisone from 15 August on; a step down would not."""
    for mg, answer in (("10", "N"), ("2.5", "Y")):
        story = LupusStory()
        story.drug("prednisone", "5", "2025-01-01", "2025-08-14")
        story.drug("prednisone", mg, "2025-08-15")
        story.visit("D28")
        assert [story.adrs(code, "D28")["AVALC"] for code in ("SRI4", "BICLA")] == [answer, answer]


def test_a_system_without_a_grade_leaves_the_responder_indices_unknown():
    """ND is not known, never D; the numerical score says which."""
    story = quiet_on(bilag={"ophthalmic": "ND"})
    assert story.adrs("SRI4", "D28")["AVALC"] is None
    assert story.adrs("BILAGNUM", "D28")["AVALRSN"] == "no grade for: ophthalmic"


def renal(upcr: str, baseline: str = "2000", *, creatinine: str = "70", biopsy: str = "") -> LupusStory:
    """Ratios in mg/g at screening and day 28."""
    story = quiet_on()
    for value, day, visit, level in ((baseline, "2025-07-14", "SCR", "70"), (upcr, "2025-08-29", "D28", creatinine)):
        story.book.lab(WHO, "urine_protein_creatinine_ratio", value, "mg/g", day, visit=visit)
        story.book.lab(WHO, "creatinine", level, "umol/L", day, visit=visit)
    if biopsy:
        items = {"lupus_nephritis_class": biopsy, "activity": "active", "performed": "2025-06-02"}
        story.book.form("kidney_biopsy", WHO, "SCR", **items)
    return story


@pytest.mark.parametrize(
    ("upcr", "category", "complete", "either"),
    [
        ("499", "COMPLETE", "Y", "Y"),
        ("500", "PARTIAL", "N", "Y"),
        ("1000", "PARTIAL", "N", "Y"),
        ("1001", "NOT YET", "N", "N"),
    ],
)
def test_renal_response(upcr, category, complete, either):
    """From 2 g/g: complete below 0.5, partial from a fall of 50 % on (1.0 g/g)."""
    story = renal(upcr)
    assert [story.adrs(code, "D28")["AVALC"] for code in ("KDIGO", "KDIGOCR", "KDIGORR")] == [
        category,
        complete,
        either,
    ]


def test_a_fall_of_the_filtration_is_no_complete_response():
    """70 to 90 umol/L in a woman of 35 is far more than 10 % less."""
    assert renal("300", creatinine="90").adrs("KDIGOCR", "D28")["AVALC"] == "N"


@pytest.mark.parametrize(
    ("baseline", "biopsy", "flag"), [("499", "", "N"), ("500", "", "Y"), ("100", "IV", "Y"), ("100", "II", "N")]
)
def test_renal_response_is_asked_of_those_with_nephritis_at_baseline(baseline, biopsy, flag):
    """A ratio of 0.5 g/g or an active class III to V; others have a reason and no answer."""
    row = renal("100", baseline, biopsy=biopsy).adrs("KDIGOCR", "D28")
    assert row["EVLFL"] == flag
    assert (row["AVALC"] is None) is (flag == "N")
    if flag == "N":
        assert row["AVALRSN"].startswith("no nephritis at baseline: ratio at baseline 0.")


def test_without_a_baseline_ratio_nephritis_is_not_known():
    """No urine was tested at screening, and there is no biopsy."""
    row = quiet_on().adrs("KDIGO", "D28")
    assert (row["AVALC"], row["EVLFL"]) == (None, None)
    assert row["AVALRSN"].startswith("not known whether nephritis at baseline")


def test_egfr_and_ratio_as_used():
    """CKD-EPI 2021, woman of 35, 88.4 umol/L = 1 mg/dL: 142 x (1/0.7)^-1.2 x 0.9938^35 x 1.012 = 75.3."""
    story = renal("1234", creatinine="88.4")
    assert story.adrs("UPCR", "D28")["AVAL"] == 1.234
    assert story.adrs("EGFR", "D28")["AVAL"] == pytest.approx(75.3, abs=0.1)


def test_flare_index_and_rise_of_sledai():
    """Arthritis back: 4 points up, and a criterion of the index. 3 points up is a flare of the index alone."""
    story = quiet_on()
    story.visit("M2", arthritis="yes", flare={"arthritis": "yes"})
    story.visit("M3", arthritis="yes", leukopenia="yes", rash="yes")
    assert [story.adrs("SFI", visit)["AVALC"] for visit in ("M2", "M3")] == ["MILD-MODERATE", "MILD-MODERATE"]
    assert [story.adrs("SLDFLARE", visit)["AVALC"] for visit in ("D28", "M2", "M3")] == ["N", "Y", "N"]


def test_responses_before_the_infusion_are_the_states_only():
    """Nothing is judged against a baseline at the baseline."""
    frame = LupusStory().derive()["ADRS"].frame.filter(pl.col("AVISIT") == "SCR")
    codes = set(frame["PARAMCD"].to_list())
    assert {"DORIS", "LLDAS"} <= codes
    assert not codes & {"SRI4", "BICLA", "KDIGO", "SFI", "SLDFLARE"}


def test_every_unknown_has_a_reason_and_every_answer_what_it_rests_on():
    """Whatever was left out."""
    story = quiet_on(pga=None, urinary_casts="unknown", bilag={"renal": "ND"}, extra=False)
    frame = story.derive()["ADRS"].frame
    assert frame.filter(pl.col("AVALC").is_null() & pl.col("AVALRSN").is_null()).height == 0
    judged = frame.filter(pl.col("PARAMCD").is_in(["DORIS", "LLDAS", "SRI4", "BICLA", "SFI"]))
    assert judged.filter(pl.col("AVALC").is_not_null() & pl.col("ANLRSN").is_null()).height == 0
