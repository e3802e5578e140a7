"""RS: PGA, BILAG-2004, damage, activity beside SLEDAI-2K and the flare index, as recorded."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from celltrial.datasets import derive_sdtm
from celltrial.instruments import bilag_systems, slicc_damage_items
from lupus_story import QUIET, WHO, LupusStory
from small_trial import ct1192


def rs(story: LupusStory) -> pl.DataFrame:
    return derive_sdtm(ct1192(), story.book.state())["RS"].frame


def one(frame: pl.DataFrame, **where: str) -> Mapping[str, Any]:
    found = frame.filter(**where)
    assert found.height == 1, found
    return found.row(0, named=True)


def test_pga_is_kept_as_typed_and_as_a_number():
    """1.50 stays 1.50."""
    story = LupusStory(with_baseline=False)
    story.book.form("pga", WHO, "SCR", assessed="2025-07-14", value="1.50")
    row = one(rs(story), RSTESTCD="PGA")
    assert (row["RSORRES"], row["RSSTRESN"], row["RSCAT"], row["RSEVAL"]) == (
        "1.50",
        1.5,
        "PHYSICIAN GLOBAL ASSESSMENT",
        "INVESTIGATOR",
    )
    assert (row["VISIT"], row["RSGRPID"], row["RSLOBXFL"]) == ("SCR", "SCR", "Y")


def test_bilag_has_nine_systems_and_a_total():
    """A in the joints and B in the skin: 12 + 8."""
    story = LupusStory(with_baseline=False)
    story.baseline(bilag={"musculoskeletal": "A", "mucocutaneous": "B"})
    frame = rs(story).filter(pl.col("RSCAT") == "BILAG-2004")
    assert frame.height == len(bilag_systems()) + 1
    total = one(frame, RSTESTCD="BILAGTT")
    assert (total["RSSTRESN"], total["RSDRVFL"], total["RSORRES"]) == (20.0, "Y", None)


def test_a_system_that_was_not_assessed_is_not_done_and_leaves_no_total():
    """ND is no grade."""
    story = LupusStory(with_baseline=False)
    story.book.form("bilag_2004", WHO, "SCR", assessed="2025-07-14", **(QUIET | {"ophthalmic": "ND"}))
    frame = rs(story)
    row = one(frame, RSTEST="BILAG-2004 Ophthalmic")
    assert (row["RSORRES"], row["RSSTRESC"], row["RSSTAT"], row["RSREASND"]) == (None, None, "NOT DONE", "NOT ASSESSED")
    assert frame.filter(pl.col("RSTESTCD") == "BILAGTT").height == 0


def test_damage_is_kept_item_by_item():
    """Cataract 1 and a stroke twice are 3; a blank item leaves no total."""
    for blank, totals in (("", [3.0]), ("diabetes", [])):
        points = {each.item: "0" for each in slicc_damage_items()} | {"cataract": "1", "cerebrovascular_accident": "2"}
        points.pop(blank, None)
        story = LupusStory(with_baseline=False)
        story.book.form("slicc_damage", WHO, "SCR", assessed="2025-07-14", **points)
        frame = rs(story).filter(pl.col("RSCAT") == "SLICC/ACR DAMAGE INDEX")
        assert frame.filter(pl.col("RSDRVFL") == "Y")["RSSTRESN"].to_list() == totals
        assert one(frame, RSTEST="SDI Cataract")["RSSCAT"] == "OCULAR"
        assert frame.filter(pl.col("RSSTAT") == "NOT DONE").height == (1 if blank else 0)


def test_points_that_an_item_cannot_have_are_a_finding_and_no_total():
    """A cataract has at most 1 point."""
    points = {each.item: "0" for each in slicc_damage_items()} | {"cataract": "7"}
    story = LupusStory(with_baseline=False)
    story.book.form("slicc_damage", WHO, "SCR", assessed="2025-07-14", **points)
    dataset = derive_sdtm(ct1192(), story.book.state())["RS"]
    assert [finding.found for finding in dataset.findings] == ["7"]
    assert dataset.frame.filter(pl.col("RSTESTCD") == "SDITT").height == 0


def test_yes_no_unknown_are_kept():
    """Of the activity beside SLEDAI-2K and of the flare index."""
    story = LupusStory()
    story.visit("D28", flare={"arthritis": "unknown"})
    frame = rs(story).filter(pl.col("VISIT") == "D28")
    assert one(frame, RSTESTCD="LUPHEMAN")["RSSTRESC"] == "N"
    arthritis = one(frame, RSTEST="SFI Arthritis")
    assert (arthritis["RSORRES"], arthritis["RSSTRESC"], arthritis["RSSCAT"]) == ("UNKNOWN", "U", "MILD-MODERATE")


def test_names_and_codes_keep_to_the_limits_of_sdtm():
    """Codes of 8, names of 40 characters, one name a code."""
    story = LupusStory()
    story.visit("D28")
    points = {each.item: "0" for each in slicc_damage_items()}
    story.book.form("slicc_damage", WHO, "D28", assessed="2025-08-29", **points)
    dataset = derive_sdtm(ct1192(), story.book.state())["RS"]
    pairs = dataset.frame.select("RSTESTCD", "RSTEST").unique()
    assert dataset.findings == ()
    assert pairs.height == pairs["RSTESTCD"].n_unique() == pairs["RSTEST"].n_unique()
    assert max(len(code) for code in pairs["RSTESTCD"]) <= 8
    assert max(len(name) for name in pairs["RSTEST"]) <= 40
