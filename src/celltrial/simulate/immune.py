"""Acute GvHD and IEC-HS of a virtual participant: rare, mostly mild; signs from day to day, graded by nobody here.

No frequency is published for these cells in lupus. In series with allogeneic CAR-T cells whose receptor was edited,
GvHD was absent or of grade I-II (general knowledge); IEC-HS follows CRS. The shares are ours (`scenarios.yaml`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from celltrial.safety.iec_hs import iec_hs_grading_signs, iec_hs_signs

__all__ = ["Gvhd", "IecHs", "fill_gvhd", "fill_iec_hs", "simulate_gvhd", "simulate_iec_hs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gvhd:
    """Acute GvHD; days since infusion. grade: I or II by MAGIC. rash_percent: body surface at its worst."""

    onset: int
    end: int
    grade: int
    rash_percent: float

    def rash_on(self, day: float) -> float:
        """Body surface with active erythema on a day, percent: up within four days, down in the last third."""
        if not self.onset <= day <= self.end:
            return 0.0
        length = self.end - self.onset
        rise = min(1.0, 0.4 + 0.6 * (day - self.onset) / 4.0)
        fall = min(1.0, (self.end - day + 1) / (length / 3.0))
        return self.rash_percent * min(rise, fall)


@dataclass(frozen=True, slots=True, kw_only=True)
class IecHs:
    """IEC-HS; days since infusion. grade: 1 without, 2 with treatment."""

    onset: int
    end: int
    grade: int

    def strength_on(self, day: float) -> float:
        """0 outside; 1 at its worst, in the first half."""
        if not self.onset <= day <= self.end + 6:
            return 0.0
        return (
            1.0 if day <= 0.5 * (self.onset + self.end) else float(0.5 ** ((day - 0.5 * (self.onset + self.end)) / 4.0))
        )


def simulate_gvhd(rng: np.random.Generator, probability: float, *, dlt: bool) -> Gvhd | None:
    """Grade I (skin, at most half of the surface) with that probability; grade II (more of it) where it is the DLT."""
    draws = rng.random(3)
    onset = int(np.clip(rng.normal(15.0, 4.0), 9, 22))
    length = int(rng.integers(14, 24))
    if dlt:
        return Gvhd(onset=onset, end=onset + length, grade=2, rash_percent=55.0 + 20.0 * float(draws[1]))
    if draws[0] >= probability:
        return None
    return Gvhd(onset=onset, end=onset + length, grade=1, rash_percent=12.0 + 33.0 * float(draws[1]))


def simulate_iec_hs(rng: np.random.Generator, probability: float, crs: tuple[int, ...]) -> IecHs | None:
    """After CRS of grade 2 or more, with that probability, as it ends; grade 1, or 2 where it is treated."""
    draws = rng.random(2)
    shift, length = int(rng.integers(-1, 3)), int(rng.integers(7, 13))
    if max(crs, default=0) < 2 or draws[0] >= probability:
        return None
    onset = max(1, len(crs) + shift)
    return IecHs(onset=onset, end=onset + length, grade=1 if draws[1] < 0.5 else 2)


def fill_gvhd(rng: np.random.Generator, gvhd: Gvhd | None, day: int, *, diarrhoea: bool) -> dict[str, str]:
    """The signs on a day. Diarrhoea of another cause stays under the limits of a stage."""
    rash = 0.0 if gvhd is None else gvhd.rash_on(day)
    volume = float(rng.uniform(100.0, 220.0)) + (150.0 if diarrhoea else 0.0)
    return {
        "rash_bsa_percent": f"{rash:.0f}",
        "bullae": "no",
        "desquamation_bsa_percent": "0",
        "upper_gi": "none",
        "stool_ml_per_day": f"{10 * round(volume / 10)}",
        "stool_episodes_per_day": "2" if diarrhoea else "0",
        "mixed_with_urine": "no",
        "severe_abdominal_pain": "no",
        "ileus": "no",
        "grossly_bloody_stool": "no",
        "biopsy": "confirms" if gvhd is not None and gvhd.grade >= 2 and rash > 0 else "not_done",
        "other_cause": "no",
    }


def fill_iec_hs(iec_hs: IecHs | None, day: int, *, neurotoxicity: bool, fever: bool) -> dict[str, str]:
    """The signs on a day that the laboratory does not show, and what was needed."""
    is_on = iec_hs is not None and iec_hs.onset <= day <= iec_hs.end
    signs: Mapping[str, bool] = {
        "diagnosed": is_on,
        "ferritin_rapidly_rising": is_on and iec_hs is not None and day <= iec_hs.onset + 2,
        "after_crs": is_on,
        "cytopenias": is_on,
        "fever": is_on and fever,
        "neurotoxicity": neurotoxicity,
        "intervention_indicated": is_on and iec_hs is not None and iec_hs.grade >= 2,
    }
    names = ("diagnosed", "other_cause", "hepatomegaly", *iec_hs_signs(), *iec_hs_grading_signs())
    return {name: "yes" if signs.get(name, False) else "no" for name in names}
