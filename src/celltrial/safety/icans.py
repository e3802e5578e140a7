"""Neurotoxicity (ICANS) of adults by the ASTCT 2019 consensus: the worst of five domains.

Tremor, myoclonus and intracranial haemorrhage are graded by CTCAE and have no effect here. Children under 12 need
another screening score (CAPD) than ICE and are not graded by this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Literal

from celltrial.missing import NotGradable
from celltrial.safety.episodes import Episode, find_episodes
from celltrial.safety.grades import Grade, YesNoUnknown, agree_on_grade, require_words

__all__ = ["IcansObservation", "grade_icans", "icans_episodes"]

# each domain as the published table prints it: word -> grade it contributes
_CONSCIOUSNESS = {"awake": 0, "to voice": 2, "to tactile stimulus": 3, "unarousable": 4}
_SEIZURE = {"none": 0, "resolving": 3, "prolonged": 4}
_OEDEMA = {"none": 0, "focal": 3, "diffuse": 4}
_FLAGS = ("deep_focal_weakness", "other_cause", "death_due_to_icans")
# one value of each band of the ICE score, for trying an unknown one each way
_ICE_BANDS = (10, 9, 6, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class IcansObservation:
    """A neurological assessment; the words of the record. None and `unknown` are things not known.

    ice: 0 to 10; None where it was not or could not be done. consciousness: awakens spontaneously (`awake`), to voice,
    only to a tactile stimulus, or unarousable (also: needs vigorous or repeated stimuli, stupor, coma).
    seizure: `resolving` any that ends quickly or, non-convulsive, with treatment; `prolonged` over 5 minutes or
    repeated without return to baseline. deep_focal_weakness: hemi- or paraparesis.
    cerebral_oedema: `focal` on imaging; `diffuse` on imaging, or posturing, palsy of the sixth nerve, papilloedema,
    Cushing's triad.
    """

    ice: int | None
    consciousness: Literal["awake", "to voice", "to tactile stimulus", "unarousable", "unknown"] = "awake"
    seizure: Literal["none", "resolving", "prolonged", "unknown"] = "none"
    deep_focal_weakness: YesNoUnknown = "no"
    cerebral_oedema: Literal["none", "focal", "diffuse", "unknown"] = "none"
    other_cause: YesNoUnknown = "no"
    death_due_to_icans: YesNoUnknown = "no"
    at: datetime | None = None

    def __post_init__(self) -> None:
        yes_no = ("yes", "no", "unknown")
        words = [(name, str(getattr(self, name)), yes_no) for name in _FLAGS]
        domains = [
            ("consciousness", self.consciousness, (*_CONSCIOUSNESS, "unknown")),
            ("seizure", self.seizure, (*_SEIZURE, "unknown")),
            ("cerebral_oedema", self.cerebral_oedema, (*_OEDEMA, "unknown")),
        ]
        require_words("ICANS", [*words, *domains])


def grade_icans(observation: IcansObservation) -> Grade | NotGradable:
    """The ASTCT 2019 grade, 0 to 5, or NotGradable naming what is not known and would change it.

    An ICE of 0 is grade 3 while the participant can be woken, grade 4 when unarousable. Whatever is not known is tried
    each way: the grade stands where it comes out the same (an ICE that cannot be tested does not hide a coma).

    Source: Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-38, tables 4 and 5.

    >>> grade_icans(IcansObservation(ice=0)).value
    3
    >>> grade_icans(IcansObservation(ice=None, consciousness="unarousable")).value
    4
    """
    if observation.ice is not None and not 0 <= observation.ice <= 10:
        return NotGradable(f"an ICE score of {observation.ice}; it runs from 0 to 10")
    if observation.death_due_to_icans == "yes" and observation.other_cause == "yes":
        return NotGradable("death due to ICANS and another cause of the signs are both recorded")
    grades = [_grade_complete(each) for each in _completions(observation)]
    return agree_on_grade(grades, _unknown_fields(observation))


def icans_episodes(observations: Sequence[IcansObservation], *, quiet: timedelta = timedelta(0)) -> tuple[Episode, ...]:
    """The episodes of ICANS in a participant's observations, in time; each has onset, maximum and resolution.

    quiet: how long grade 0 must have been seen to last for an episode to have ended; see `find_episodes`.
    Raises UsageError where an observation has no time.
    """
    return find_episodes([(each.at, grade_icans(each)) for each in observations], quiet=quiet)


def _grade_complete(seen: IcansObservation) -> Grade:
    """The grade where everything is known."""
    if seen.death_due_to_icans == "yes":
        return Grade(5, ("death due to ICANS",))
    if seen.other_cause == "yes":
        return Grade(0, ("the signs are due to another cause",))
    domains = [
        (_ice_grade(seen.ice, seen.consciousness), f"ICE {seen.ice}"),
        (_CONSCIOUSNESS[seen.consciousness], f"consciousness: {seen.consciousness}"),
        (_SEIZURE[seen.seizure], f"seizure: {seen.seizure}"),
        (4 if seen.deep_focal_weakness == "yes" else 0, "deep focal motor weakness"),
        (_OEDEMA[seen.cerebral_oedema], f"cerebral oedema: {seen.cerebral_oedema}"),
    ]
    worst = max(value for value, _ in domains)
    if worst == 0:
        return Grade(0, ("ICE 10 and no sign in any domain",))
    return Grade(worst, tuple(reason for value, reason in domains if value == worst))


def _ice_grade(ice: int | None, consciousness: str) -> int:
    match ice:
        case 10:
            return 0
        case 7 | 8 | 9:
            return 1
        case 3 | 4 | 5 | 6:
            return 2
        case 0 if consciousness == "unarousable":
            return 4
        case _:
            return 3


def _unknown_fields(seen: IcansObservation) -> list[str]:
    fields = ["ice"] if seen.ice is None else []
    names = ("consciousness", "seizure", "cerebral_oedema", *_FLAGS)
    return fields + [name for name in names if getattr(seen, name) == "unknown"]


def _completions(seen: IcansObservation) -> Iterator[IcansObservation]:
    """The observation with everything that is not known tried each way."""
    options: dict[str, tuple[Any, ...]] = {"ice": _ICE_BANDS if seen.ice is None else (seen.ice,)}
    tables = {"consciousness": _CONSCIOUSNESS, "seizure": _SEIZURE, "cerebral_oedema": _OEDEMA}
    for name, table in tables.items():
        value = getattr(seen, name)
        options[name] = tuple(table) if value == "unknown" else (value,)
    for name in _FLAGS:
        value = getattr(seen, name)
        options[name] = ("no", "yes") if value == "unknown" else (value,)
    for values in product(*options.values()):
        each = replace(seen, **dict(zip(options, values, strict=True)))
        # a death due to ICANS has no other cause: that pair is no completion
        if not (each.death_due_to_icans == "yes" and each.other_cause == "yes"):
            yield each
