"""Scenarios as data: the numbers a virtual trial is made with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from ruamel.yaml import YAML

from celltrial.errors import Finding, InputError

__all__ = ["Scenario", "scenario_named", "scenarios"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario. Probabilities are per person, `missed_visit` and `entry_error` per visit."""

    name: str
    label: str
    days_between_candidates: float
    dlt_probability: tuple[tuple[float, float], ...]
    deck: tuple[str, ...]
    crs: Mapping[str, float]
    icans: float
    non_expander: float
    licats: float
    gvhd: Mapping[str, float]
    iec_hs: float
    complete_response: float
    partial_response: float
    withdrawal_in_window: float
    withdrawal_later: float
    missed_visit: float
    entry_error: float
    src_override: float

    def dlt_probability_at(self, cells: float) -> float:
        """The true probability of a DLT at a dose in cells; linear between the points, flat beyond them."""
        doses, probabilities = zip(*self.dlt_probability, strict=True)
        return float(np.interp(cells, doses, probabilities))


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario of `scenarios.yaml`, by name."""
    text = resources.files("celltrial.simulate").joinpath("scenarios.yaml").read_text(encoding="utf-8")
    raw = YAML(typ="safe", pure=True).load(text)["scenarios"]
    return {name: _scenario(name, values) for name, values in raw.items()}


def scenario_named(name: str) -> Scenario:
    """The scenario of that name. Raises InputError listing the names there are."""
    known = scenarios()
    if name not in known:
        raise InputError(
            Finding(
                message="unknown scenario",
                found=repr(name),
                expected=", ".join(known),
                next_step="name one of these with --scenario",
            )
        )
    return known[name]


def _scenario(name: str, values: Mapping[str, object]) -> Scenario:
    fields = dict(values)
    points = fields.pop("dlt_probability")
    deck = fields.pop("deck")
    assert isinstance(points, Mapping)
    assert isinstance(deck, Mapping)
    return Scenario(
        name=name,
        dlt_probability=tuple(sorted((float(dose), float(p)) for dose, p in points.items())),
        deck=tuple(card for card, n in deck.items() for _ in range(int(n))),
        **fields,  # type: ignore[arg-type]  # plain numbers of our own file, read by name
    )
