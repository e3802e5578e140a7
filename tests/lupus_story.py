"""A participant whose lupus is written visit by visit: what responses, flares and their times are tried on.

Infused on 2025-08-01. `Story.visit` writes SLEDAI-2K, PGA, BILAG-2004, the activity beside SLEDAI-2K and the flare
index of one visit; `Story.drug` a row of the medication log; both leave out what a test leaves out.
"""

from typing import Any

import polars as pl

from celltrial.datasets import derive_adam, derive_sdtm
from celltrial.instruments import bilag_systems, sfi_criteria
from celltrial.record.bodies import Visit
from small_trial import Book, ct1192, dose, open_candidate

WHO = "01-001"
INFUSED = "2025-08-01"
QUIET = dict.fromkeys(bilag_systems(), "D")
DAYS = {"SCR": "2025-07-14", "D28": "2025-08-29", "M2": "2025-09-30", "M3": "2025-10-30", "M6": "2026-01-28"}


class LupusStory:
    """One participant, active before (arthritis and rash, 6 points; PGA 1.5; BILAG A in the joints)."""

    def __init__(self, *, with_baseline: bool = True) -> None:
        self.book = Book()
        open_candidate(self.book, WHO, "2025-07-14")
        if with_baseline:
            self.baseline()
        dose(self.book, WHO, enrolled="2025-07-25", depleted=("2025-07-27", "2025-07-29"), infused=f"{INFUSED}T10:00")

    def baseline(self, *, pga: str = "1.5", bilag: dict[str, str] | None = None, **items: str) -> None:
        bilag = {"musculoskeletal": "A"} if bilag is None else bilag
        items = items or {"arthritis": "yes", "rash": "yes"}
        self.visit("SCR", pga=pga, bilag=bilag, **items)

    def visit(
        self,
        visit: str,
        *,
        on: str = "",
        pga: str | None = "0.0",
        bilag: dict[str, str] | None = None,
        extra: bool = True,
        flare: dict[str, str] | None = None,
        pga_on: str = "",
        is_done: bool = True,
        **items: str,
    ) -> None:
        """A visit without activity, but for `items` (SLEDAI-2K), `bilag` and `flare`; pga None: not assessed."""
        day = on or DAYS[visit]
        self.book.sledai(WHO, day, visit, **items)
        if pga is not None:
            self.book.form("pga", WHO, visit, assessed=pga_on or day, value=pga)
        self.book.form("bilag_2004", WHO, visit, assessed=day, **(QUIET | (bilag or {})))
        if extra:
            absent = {"haemolytic_anaemia": "no", "gastrointestinal_activity": "no"}
            self.book.form("lupus_extra", WHO, visit, assessed=day, **absent)
        if visit != "SCR":
            asked = {each.criterion: "no" for each in sfi_criteria() if each.is_asked}
            self.book.form("flare_index", WHO, visit, assessed=day, **(asked | (flare or {})))
        if is_done:
            self.book.write(Visit(visit=visit, on=day), WHO)

    def drug(self, drug: str, mg: str, start: str, ended: str = "", **more: str) -> None:
        """A row of the log: oral, once a day, for SLE; ongoing where no end is given."""
        row = {
            "drug": drug,
            "drug_class": "glucocorticoid",
            "dose": mg,
            "unit": "mg",
            "per_day": "1",
            "route": "oral",
            "start": start,
            "ended": ended,
            "ongoing": "no" if ended else "yes",
            "indication": "SLE",
        }
        self.book.form("medications", WHO, **(row | more))

    def derive(self) -> dict[str, Any]:
        state = self.book.state()
        return derive_adam(ct1192(), state, derive_sdtm(ct1192(), state))

    def adrs(self, code: str, visit: str) -> dict[str, Any]:
        """The one row of a parameter at a visit."""
        rows = self.derive()["ADRS"].frame.filter((pl.col("PARAMCD") == code) & (pl.col("AVISIT") == visit))
        assert rows.height == 1, rows
        return rows.row(0, named=True)

    def time(self, code: str) -> dict[str, Any]:
        """The row of a parameter of ADTTE."""
        rows = self.derive()["ADTTE"].frame.filter(pl.col("PARAMCD") == code)
        assert rows.height == 1, rows
        return rows.row(0, named=True)
