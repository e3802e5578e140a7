"""The same result twice: in the file, and in the record; said again, or with another value.

The same: subject, analyte and time of collection, and laboratories that do not differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from celltrial.record.laboratory.known import KnownResult, is_same_value, same_laboratory
from celltrial.record.laboratory.rows import Sample

__all__ = ["Twin", "find_twin", "find_twins_in_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """What a row has in common with what is there, and its fate for that; `new` where it only is to be looked at."""

    fate: Literal["new", "already there", "refused", "left out"]
    reason: str
    found: str = ""
    next_step: str = ""
    warning: str = ""
    correction: Mapping[str, object] | None = None


def find_twins_in_file(samples: Iterable[Sample]) -> Mapping[int, Twin]:
    """The rows that say what another row of the file says, by line: the first stays, unless they contradict."""
    groups: dict[tuple[object, ...], list[Sample]] = {}
    for each in samples:
        key = (each.subject, each.analyte, each.moment.earliest, each.moment.latest, each.laboratory)
        groups.setdefault(key, []).append(each)
    twins: dict[int, Twin] = {}
    for several in groups.values():
        first, *others = sorted(several, key=lambda each: each.line)
        if all(_content(each) == _content(first) for each in others):
            for each in others:
                twins[each.line] = Twin(fate="already there", reason="said above in the file")
            continue
        values = sorted({f"{each.value} {each.unit}".strip() for each in several})
        told = " and ".join(values) if len(values) > 1 else f"{values[0]} with other limits or another visit"
        for each in several:
            twins[each.line] = Twin(
                fate="refused",
                reason="the file says two things of one result",
                found=f"{told}, collected {each.collected}",
                next_step="ask the laboratory which row holds, and take the others out",
            )
    return twins


def find_twin(sample: Sample, known: Sequence[KnownResult]) -> Twin | None:
    """What the record has of this result; None where it has nothing."""
    own = [each for each in known if same_laboratory(each.laboratory, sample.laboratory)]
    exact = [each for each in own if _is_same_time(each, sample)]
    same = [each for each in exact if _is_same(each, sample)]
    for each in same:
        if each.version == "standing":
            limits = _other_limits(each, sample)
            return Twin(
                fate="already there",
                reason="in the record",
                found=limits,
                warning="already there, with other limits of normal" if limits else "",
            )
    for each in same:
        if each.version == "earlier":
            return Twin(fate="already there", reason=f"in the record, corrected since (event {each.seq})")
    if same:
        return Twin(fate="left out", reason=f"entered in error (event {same[0].seq})")
    standing = [each for each in exact if each.version == "standing"]
    return _conflict(sample, standing[0]) if standing else _near(sample, own)


def _conflict(sample: Sample, standing: KnownResult) -> Twin:
    replaced = {"items.value": sample.value}
    if sample.unit != standing.unit:
        replaced["items.unit"] = sample.unit
    correction = {
        "type": "correction",
        "subject": str(sample.subject),
        "why": "",
        "body": {"target": standing.seq, "replace": replaced},
    }
    return Twin(
        fate="refused",
        reason="the record has another value for this result",
        found=f"{sample.value} {sample.unit}, event {standing.seq}: {standing.value} {standing.unit}".strip(),
        next_step=f"if the file is right, correct event {standing.seq} (--json gives the correction; add its reason)",
        correction=correction,
    )


def _near(sample: Sample, known: Sequence[KnownResult]) -> Twin | None:
    """A standing result of a time that may be the same one: entered by day, where the file has the hour."""
    for each in known:
        if each.version != "standing" or each.collected.latest < sample.moment.earliest:
            continue
        if each.collected.earliest > sample.moment.latest:
            continue
        found = f"collected {sample.collected}, event {each.seq}: {each.value} {each.unit}, collected {each.collected}"
        if _is_same(each, sample):
            return Twin(
                fate="refused",
                reason="perhaps in the record, with a less exact time",
                found=found,
                next_step=f"correct `collected` of event {each.seq} to the exact time; if it is another sample, enter "
                "it by the plain import with a `row` number",
            )
    several = [
        each
        for each in known
        if each.version == "standing"
        and each.collected.earliest <= sample.moment.latest
        and each.collected.latest >= sample.moment.earliest
    ]
    if several:
        told = ", ".join(f"event {each.seq}: {each.value} {each.unit}" for each in several)
        return Twin(fate="new", reason="", found=told, warning="another result of that time, less exactly dated")
    return None


def _is_same_time(known: KnownResult, sample: Sample) -> bool:
    return (known.collected.earliest, known.collected.latest) == (sample.moment.earliest, sample.moment.latest)


def _is_same(known: KnownResult, sample: Sample) -> bool:
    return is_same_value(sample.analyte, (sample.value, sample.unit), (known.value, known.unit))


def _other_limits(known: KnownResult, sample: Sample) -> str:
    if not (sample.lln or sample.uln) or known.unit != sample.unit or not (known.lln or known.uln):
        return ""
    if is_same_value("", (sample.lln, ""), (known.lln, "")) and is_same_value("", (sample.uln, ""), (known.uln, "")):
        return ""
    return f"{sample.lln} to {sample.uln}, event {known.seq}: {known.lln} to {known.uln}"


def _content(sample: Sample) -> tuple[str, ...]:
    return sample.value, sample.unit, sample.lln, sample.uln, sample.visit
