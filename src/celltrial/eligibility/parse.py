"""A criteria file, already read as plain values, to `Criteria`: strict, every problem at once, each with its place."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from celltrial.eligibility.language import AllOf, AnyOf, Criteria, Node, NoneOf, Silence, Test, When
from celltrial.eligibility.parse_leaf import LEAVES, read_leaf, read_silence
from celltrial.eligibility.reader import Locate, Place, Setting, read_window
from celltrial.eligibility.result import canonical_hash
from celltrial.eligibility.windows import Bound, Window
from celltrial.errors import Finding, StudyError

__all__ = ["parse_criteria"]

_TOP = ("criteria", "protocol", "complete", "anchors", "stages", "periods", "defaults", "inclusion", "exclusion")
_GROUPS = ("all", "any", "none_of")
_HEADER = (
    "id",
    "says",
    "question",
    "other_reading",
    "prescreen",
    "due",
    "recheck",
    "silence",
    "weight",
    "assumed",
)
_ID = re.compile(r"[IE][0-9]{2}[a-z]*")
_QUESTION = re.compile(r"Q[0-9]{2}")


def parse_criteria(raw: Mapping[str, object], *, locate: Locate) -> Criteria:
    """The checked criteria of a file.

    Args:
        raw: The file as plain mappings, lists and scalars.
        locate: Where the value at a path of keys and positions stands, for findings.
    Raises:
        StudyError: with a finding for every unknown key, bad window, unit, anchor, analyte, score or id.
    """
    findings: list[Finding] = []
    place = Place(raw, (), locate, findings)
    place.keys(_TOP, ("criteria", "complete", "anchors", "stages", "defaults", "inclusion"))
    anchors, lasting = _anchors(place.at("anchors"))
    stages = _stages(place.at("stages"), anchors)
    setting = _setting(place, anchors, tuple(stages))
    top = _Inherited(due=next(iter(stages), "screening"), recheck={}, silence=None, parent="", position=0)
    inclusion = tuple(_criterion(each, setting, top, "I") for each in place.at("inclusion").items())
    excluded = place.at("exclusion").items() if "exclusion" in place else ()
    exclusion = tuple(_criterion(each, setting, top, "E") for each in excluded)
    if "protocol" in place:
        place.at("protocol").keys(("id", "registry", "version", "read_on"), ("id", "version"))
    if not isinstance(place.at("complete").value, bool) and "complete" in place:
        place.at("complete").complain("not true or false", expected="true, or false while exclusions are missing")
    criteria = Criteria(
        id=place.at("criteria").text(re.compile(r"[a-z0-9][a-z0-9-]*"), "an id such as ct1192-sle"),
        complete=place.at("complete").value is True,
        stages=stages,
        lasting_anchors=lasting,
        inclusion=inclusion,
        exclusion=exclusion,
        hash=canonical_hash(raw),
    )
    findings.extend(_repeated_ids(criteria))
    if findings:
        raise StudyError(findings)
    return criteria


def _anchors(place: Place) -> tuple[tuple[str, ...], frozenset[str]]:
    if not isinstance(place.value, Mapping):
        place.complain("not a mapping", expected="anchors: {consent: {}, screening: {}}")
        return (), frozenset()
    names = tuple(str(name) for name in place.value)
    lasting = set()
    for name in names:
        anchor = place.at(name)
        anchor.keys(("after", "lasts"))
        if "after" in anchor:
            anchor.at("after").code(names)
        if "lasts" in anchor:
            anchor.at("lasts").code(("day",))
            lasting.add(name)
    return names, frozenset(lasting)


def _stages(place: Place, anchors: tuple[str, ...]) -> Mapping[str, str]:
    if not isinstance(place.value, Mapping) or not place.value:
        place.complain("not a mapping", expected="stages: {screening: screening}")
        return {"screening": "screening"}
    return {str(stage): place.at(stage).code(anchors) for stage in place.value}


def _setting(place: Place, anchors: tuple[str, ...], stages: tuple[str, ...]) -> Setting:
    """The defaults; the window of a laboratory result is ours where a leaf has none, and shows as "(default)"."""
    anywhere = Window(text="", start=None, end=Bound(anchors[0] if anchors else "screening"))
    bare = Setting(anchors=anchors, stages=stages, periods={}, lab_window=anywhere, same_day="worst")
    periods: dict[str, Window] = {}
    if "periods" in place:
        named = place.at("periods")
        for name in named.value if isinstance(named.value, Mapping) else ():
            periods[str(name)] = read_window(named.at(name), bare, mark="default")
        if not isinstance(named.value, Mapping):
            named.complain("not a mapping", expected="periods: {screening_period: 28 days before screening}")
    setting = replace(bare, periods=periods)
    defaults = place.at("defaults")
    defaults.keys(("lab", "missing", "boundaries"), ("lab", "missing", "boundaries"))
    defaults.at("missing").code(("unknown",))
    defaults.at("boundaries").code(("inclusive",))
    lab = defaults.at("lab")
    lab.keys(("take", "within", "same_day"), ("take", "within", "same_day"))
    lab.at("take").code(("latest",))
    return replace(
        setting,
        lab_window=read_window(lab.at("within"), setting, mark="default"),
        same_day=lab.at("same_day").code(("worst", "latest", "agree")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inherited:
    """What a node takes over from the node above it."""

    due: str
    recheck: Mapping[str, Window]
    silence: Silence | None
    parent: str
    position: int

    def name(self) -> str:
        """The name of a part that has no id of its own."""
        return f"{self.parent}.{self.position}" if self.parent else ""


def _criterion(place: Place, setting: Setting, top: _Inherited, letter: str) -> Node:
    """A criterion of the file: it has an id and the record's words. An exclusion is met when it is not present."""
    for key in ("id", "says"):
        if key not in place:
            place.complain(f"the key {key!r} is missing", expected=f"{key}: ...", next_step=f"add {key}")
    node = _node(place, setting, top)
    if node.id and not node.id.startswith(letter):
        place.at("id").complain("an id of the other list", expected=f"{letter}01")
    if letter == "I":
        return node
    inner = replace(node, id=f"{node.id}.1", questions=())
    return replace(node, body=NoneOf(children=(inner,)))


def _node(place: Place, setting: Setting, above: _Inherited) -> Node:
    kinds = [kind for kind in (*_GROUPS, "when", *LEAVES) if kind in place]
    if len(kinds) != 1:
        found = f" ({', '.join(kinds)})" if kinds else ""
        expected = f"exactly one of: {', '.join((*_GROUPS, 'when', *LEAVES))}"
        place.complain(f"not one thing to check{found}", expected=expected)
    kind = kinds[0] if kinds else "sex"
    own = LEAVES[kind].keys if kind in LEAVES else ("when", "then") if kind == "when" else (kind,)
    required = LEAVES[kind].required if kind in LEAVES else own
    place.keys((*_HEADER, *own), required if kinds else ())
    below = _inherit(place, setting, above)
    body: AllOf | AnyOf | NoneOf | When | Test
    match kind:
        case "all":
            body = AllOf(children=_children(place.at("all"), setting, below))
        case "any":
            body = AnyOf(children=_children(place.at("any"), setting, below))
        case "none_of":
            body = NoneOf(children=_children(place.at("none_of"), setting, below))
        case "when":
            condition = _node(place.at("when"), setting, replace(below, parent=f"{below.parent}.when", position=0))
            consequence = _node(place.at("then"), setting, replace(below, parent=f"{below.parent}.then", position=0))
            body = When(when=condition, then=consequence)
        case _:
            body = read_leaf(kind, place, setting, below.silence)
    return _headed(place, setting, below, body)


def _children(place: Place, setting: Setting, below: _Inherited) -> tuple[Node, ...]:
    children = tuple(_node(each, setting, replace(below, position=n)) for n, each in enumerate(place.items(), start=1))
    if children and all(child.is_hint for child in children):
        place.complain("only hints, which decide nothing", expected="at least one part that decides")
    return children


def _inherit(place: Place, setting: Setting, above: _Inherited) -> _Inherited:
    """What the parts of this node take over; its own words go before those from above."""
    recheck = above.recheck
    if "recheck" in place:
        given = place.at("recheck")
        given.keys(setting.stages)
        stages = [stage for stage in setting.stages if stage in given]
        recheck = {**recheck, **{stage: read_window(given.at(stage), setting) for stage in stages}}
    own_id = place.at("id").text(_ID, "an id such as I10 or I10c") if "id" in place else ""
    # `when` and `then` parts without a number, group parts with one: I04a.when.2
    inherited = above.name() if above.position else above.parent
    return _Inherited(
        due=place.at("due").code(setting.stages) if "due" in place else above.due,
        recheck=recheck,
        silence=read_silence(place.at("silence"), setting) if "silence" in place else above.silence,
        parent=own_id or inherited,
        position=0,
    )


def _headed(place: Place, setting: Setting, own: _Inherited, body: AllOf | AnyOf | NoneOf | When | Test) -> Node:
    questions = place.at("question").texts() if "question" in place else ()
    for question in questions:
        if not _QUESTION.fullmatch(question):
            place.at("question").complain("not the id of a question", expected="an id of questions.yaml such as Q12")
    other = None
    if "other_reading" in place:
        other = _node(place.at("other_reading"), setting, replace(own, parent=f"{own.parent}.other", position=0))
        if not questions:
            place.at("other_reading").complain("a second reading without a question", expected="question: Q..")
    if "weight" in place:
        place.at("weight").code(("hint",))
    return Node(
        id=own.parent,
        says=place.at("says").texts() if "says" in place else (),
        body=body,
        source=place.locate(place.path),
        due=own.due,
        recheck=own.recheck,
        questions=questions,
        other_reading=other,
        is_hint="weight" in place,
        assumed=_ours(place),
        prescreen=_prescreen(place, setting),
    )


def _prescreen(place: Place, setting: Setting) -> str:
    if "prescreen" not in place:
        return ""
    text = place.at("prescreen").text(example="anchor, skip or a window")
    if text not in ("anchor", "skip"):
        read_window(place.at("prescreen"), setting)
    return text


def _ours(place: Place) -> tuple[str, ...]:
    """What is ours and not the record's: the keys named in `assumed`, with their values."""
    words = []
    if "assumed" in place:
        for key in place.at("assumed").texts():
            if key not in place and key != "recheck":
                place.at("assumed").complain(f"the key {key!r} is not there", expected="keys of this entry")
            value = place.at(key).value
            words.append(f"{key} {value}" if isinstance(value, str | int | float) else key.replace("_", " "))
    return tuple(words)


def _repeated_ids(criteria: Criteria) -> Iterator[Finding]:
    nodes = list(criteria.walk())
    repeated = {name for name, n in Counter(node.id for node in nodes).items() if n > 1}
    for node in nodes:
        if node.id in repeated:
            yield Finding(
                message=f"the id {node.id!r} is given more than once",
                source=node.source,
                expected="each id once in the file",
                next_step="give one of them another letter",
            )
