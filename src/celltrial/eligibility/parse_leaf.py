"""Leaves of the criteria file to tests: one reader for each kind of leaf, and the keys each kind may have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from celltrial.codes import AnalyteCode
from celltrial.eligibility.derived import DERIVED
from celltrial.eligibility.history import LN_CLASSES, normal_class
from celltrial.eligibility.language import (
    ActiveDuring,
    AgeAt,
    Attested,
    DailyDose,
    DerivedLimit,
    FindingIsOneOf,
    FirstBefore,
    Flag,
    GivenDuring,
    Judged,
    LabTest,
    NotDuring,
    ScoreAtLeast,
    SexIs,
    Silence,
    StableDose,
    Test,
    TherapyFor,
)
from celltrial.eligibility.reader import Place, Setting, read_analyte, read_limit, read_span, read_window
from celltrial.instruments.glucocorticoids import glucocorticoid_equivalents
from celltrial.units import analytes

__all__ = ["FINDINGS", "LEAVES", "SCORES", "read_leaf", "read_silence"]

SCORES: Mapping[str, tuple[str, ...]] = {"eular-acr-2019": ("entry_ana", "clinical_domain"), "sledai-2k": ()}
"""The instruments a leaf may ask for, and the parts each reports beside its total."""

FINDINGS: Mapping[str, tuple[str, ...]] = {"lupus_nephritis_class": LN_CLASSES}
"""The findings a leaf may ask for, and the values each may have (several joined by +)."""

_PERSONS = ("participant", "investigator")
_LIMITS = ("at_least", "at_most", "above", "below")


def read_leaf(kind: str, place: Place, setting: Setting, silence: Silence | None) -> Test:
    """The test of a leaf; `silence` is its own or the one it inherits."""
    return LEAVES[kind].read(place, setting, silence)


def read_silence(place: Place, setting: Setting) -> Silence:
    """`{means: none, if: under_observation}`, with `over` where the chart must reach further than the window."""
    place.keys(("means", "if", "over"), ("means", "if"))
    place.at("means").code(("none",))
    place.at("if").code(("under_observation",))
    return Silence(over=read_window(place.at("over"), setting) if "over" in place else None)


def _sex(place: Place, _setting: Setting, _silence: Silence | None) -> Test:
    sex = place.at("sex").code(("female", "male"))
    return SexIs(sex="male" if sex == "male" else "female")


def _age(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    age = place.at("age")
    age.keys(("at", "from", "to"), ("at", "from", "to"))
    low, high = age.at("from").whole(), age.at("to").whole()
    if low > high:
        age.complain("the lowest age is above the highest", expected="from at most to")
    return AgeAt(anchor=age.at("at").code(setting.anchors), low=low, high=high)


def _score(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    score = place.at("score").code(tuple(SCORES))
    flags = place.at("with").codes() if "with" in place else ()
    for flag in flags:
        if flag not in SCORES.get(score, ()):
            expected = f"one of: {', '.join(SCORES.get(score, ())) or 'none'}"
            place.at("with").complain(f"{score} does not report {flag}", expected=expected)
    return ScoreAtLeast(
        score=score,
        at_least=place.at("at_least").number(),
        flags=flags,
        window=read_window(place.at("within"), setting),
    )


def _condition(place: Place, setting: Setting, silence: Silence | None) -> Test:
    code = place.at("condition").code()
    if ("first" in place) == ("active" in place):
        place.complain("not exactly one of first and active", expected="first: at least ... before ..., or active: ...")
        return SexIs(sex="female")
    if "active" in place:
        return ActiveDuring(condition=code, window=read_window(place.at("active"), setting), silence=silence)
    first = place.at("first")
    words, _, anchor = first.text(example="at least 6 months before screening").partition(" before ")
    span = read_span(Place(words, first.path, first.locate, first.findings))
    Place(anchor, first.path, first.locate, first.findings).code(setting.anchors)
    return FirstBefore(condition=code, span=span, anchor=anchor)


def _drug(place: Place, setting: Setting, silence: Silence | None) -> Test:
    window = read_window(place.at("given"), setting)
    return GivenDuring(drug_class=place.at("drug").code(), window=window, silence=silence)


def _attested(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    return Attested(
        statement=place.at("attested").code(),
        by=place.at("by").code(_PERSONS),
        covers=read_window(place.at("covers"), setting) if "covers" in place else None,
    )


def _judged(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    answer = place.at("answer")
    any_of: tuple[str, ...] = ()
    not_only: tuple[str, ...] = ()
    if "answer" in place:
        answer.keys(("any_of", "not_only"), ("any_of",))
        any_of = answer.at("any_of").codes()
        not_only = answer.at("not_only").codes() if "not_only" in answer else ()
    look_at = None
    if "look_at" in place:
        evidence = place.at("look_at")
        evidence.keys(LEAVES["lab"].keys, ("lab",))
        look_at = _lab_test(evidence, setting)
    return Judged(
        question=place.at("judged").code(),
        by=place.at("by").code(("investigator",)),
        any_of=any_of,
        not_only=not_only,
        look_at=look_at,
    )


def _lab(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    return _lab_test(place, setting)


def _lab_test(place: Place, setting: Setting) -> LabTest:
    analyte = read_analyte(place.at("lab"))
    own = "within" in place
    same_day = place.at("same_day").code(("worst", "latest", "agree")) if "same_day" in place else setting.same_day
    if "take" in place:
        place.at("take").code(("latest",))
    if "is" in place:
        for op in _LIMITS:
            if op in place:
                place.at(op).complain("a limit beside `is`", expected="one of them")
        goal: Flag | object = Flag(positive=place.at("is").code(("positive", "negative")) == "positive")
    else:
        goal = read_limit(place, unit=analytes()[AnalyteCode(analyte)].unit, analyte=analyte, uln=True)
    return LabTest(
        analyte=analyte,
        goal=goal,  # type: ignore[arg-type]  # a Flag or a Limit, as the two branches above make it
        window=read_window(place.at("within"), setting) if own else setting.lab_window,
        same_day="latest" if same_day == "latest" else "agree" if same_day == "agree" else "worst",
        method=place.at("method").code() if "method" in place else "",
        condition=place.at("when_breathing").code() if "when_breathing" in place else "",
        not_during=_not_during(place, setting),
    )


def _not_during(place: Place, setting: Setting) -> NotDuring | None:
    if "not_during" not in place:
        return None
    rule = place.at("not_during")
    rule.keys(("drug", "procedure", "within", "silence"), ("within",))
    if ("drug" in rule) == ("procedure" in rule):
        rule.complain("not exactly one of drug and procedure", expected="drug: ..., or procedure: ...")
    return NotDuring(
        kind="drug" if "drug" in rule else "procedure",
        code=rule.at("drug" if "drug" in rule else "procedure").code(),
        window=read_window(rule.at("within"), setting, sample=True),
        silence=read_silence(rule.at("silence"), setting) if "silence" in rule else None,
    )


def _derived(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    name = place.at("derived").code(tuple(DERIVED))
    unit, needed = DERIVED.get(name, ("1", ()))
    inputs = {}
    if "inputs" in place:
        given = place.at("inputs")
        given.keys(needed)
        for analyte in needed:
            if analyte in given:
                given.at(analyte).keys(("within",), ("within",))
                inputs[analyte] = read_window(given.at(analyte).at("within"), setting)
    own = "within" in place
    return DerivedLimit(
        name=name if name in DERIVED else next(iter(DERIVED)),
        goal=read_limit(place, unit=unit),
        window=read_window(place.at("within"), setting) if own else setting.lab_window,
        inputs=inputs,
        not_during=_not_during(place, setting),
    )


def _therapy(place: Place, setting: Setting, silence: Silence | None) -> Test:
    gap = read_span(place.at("gap"), prefix="")
    if gap.unit not in ("day", "week"):
        place.at("gap").complain("a gap in days or weeks", expected="14 days")
    return TherapyFor(
        classes=place.at("therapy").codes(),
        span=read_span(place.at("for")),
        up_to=place.at("up_to").code(setting.anchors),
        gap_days=gap.n * (7 if gap.unit == "week" else 1),
        without=place.at("without").codes() if "without" in place else (),
        routes=place.at("routes").codes() if "routes" in place else (),
        silence=silence,
    )


def _daily_dose(place: Place, setting: Setting, silence: Silence | None) -> Test:
    goal = read_limit(place, unit="mg/day")
    if goal.unit != "mg/day":
        place.complain("a daily dose in another unit", expected="mg/day")
    return DailyDose(
        drug_class=place.at("daily_dose").code(("glucocorticoid",)),
        equivalent=place.at("as").code(tuple(glucocorticoid_equivalents())),
        goal=goal,
        at=place.at("at").code(setting.anchors),
        routes=place.at("routes").codes() if "routes" in place else (),
        silence=silence,
    )


def _stable_dose(place: Place, setting: Setting, _silence: Silence | None) -> Test:
    return StableDose(
        classes=place.at("stable_dose").codes(),
        span=read_span(place.at("for")),
        up_to=place.at("up_to").code(setting.anchors),
        tolerance=place.at("tolerance").number() if "tolerance" in place else Decimal(0),
        routes=place.at("routes").codes() if "routes" in place else (),
    )


def _finding(place: Place, setting: Setting, silence: Silence | None) -> Test:
    finding = place.at("finding").code(tuple(FINDINGS))
    values = place.at("is_one_of")
    for value in values.items():
        parts = normal_class(value.text()).split("+")
        if finding in FINDINGS and any(part not in FINDINGS[finding] for part in parts):
            value.complain("unknown value", expected=f"{', '.join(FINDINGS[finding])}, or several joined by +")
    return FindingIsOneOf(
        finding=finding,
        values=values.texts(),
        by=place.at("by").code(),
        activity=place.at("activity").codes() if "activity" in place else (),
        window=read_window(place.at("within"), setting),
        silence=silence,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A kind of leaf: the keys it may have, those it must have, and its reader."""

    keys: tuple[str, ...]
    required: tuple[str, ...]
    read: Callable[[Place, Setting, Silence | None], Test]


_LAB_KEYS = ("lab", "is", *_LIMITS, "within", "take", "same_day", "method", "when_breathing", "not_during")
LEAVES: Mapping[str, Leaf] = {
    "sex": Leaf(keys=("sex",), required=("sex",), read=_sex),
    "age": Leaf(keys=("age",), required=("age",), read=_age),
    "score": Leaf(keys=("score", "at_least", "with", "within"), required=("score", "at_least", "within"), read=_score),
    "condition": Leaf(keys=("condition", "first", "active"), required=("condition",), read=_condition),
    "drug": Leaf(keys=("drug", "given"), required=("drug", "given"), read=_drug),
    "attested": Leaf(keys=("attested", "by", "covers"), required=("attested", "by"), read=_attested),
    "judged": Leaf(keys=("judged", "by", "answer", "look_at"), required=("judged", "by"), read=_judged),
    "lab": Leaf(keys=_LAB_KEYS, required=("lab",), read=_lab),
    "derived": Leaf(keys=("derived", *_LIMITS, "within", "inputs", "not_during"), required=("derived",), read=_derived),
    "therapy": Leaf(
        keys=("therapy", "for", "up_to", "gap", "without", "routes"),
        required=("therapy", "for", "up_to", "gap"),
        read=_therapy,
    ),
    "daily_dose": Leaf(
        keys=("daily_dose", "as", *_LIMITS, "at", "routes"), required=("daily_dose", "as", "at"), read=_daily_dose
    ),
    "stable_dose": Leaf(
        keys=("stable_dose", "for", "up_to", "tolerance", "routes"),
        required=("stable_dose", "for", "up_to"),
        read=_stable_dose,
    ),
    "finding": Leaf(
        keys=("finding", "is_one_of", "by", "activity", "within"),
        required=("finding", "is_one_of", "by", "within"),
        read=_finding,
    ),
}
"""Each kind of leaf by the key that names it."""
