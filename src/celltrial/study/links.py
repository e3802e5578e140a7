"""Assumptions and questions against what rests on them, both ways: nothing assumed unnamed, nothing named for nothing.

`study.yaml` and `forms.yaml` name an assumption where they rest on it (`assumption: A05`). `eligibility.yaml` marks
what is ours (`assumed: [gap]`), and the assumption says what it `covers` (`I06a.gap`, `defaults.lab`). A criterion
names its questions (`question: Q12`), and the question the criteria that it `blocks`.
"""

from collections.abc import Iterator, Mapping

from celltrial.errors import Finding
from celltrial.study.files import ELIGIBILITY
from celltrial.study.findings import finding_at, place_of, problem
from celltrial.study.nodes import Node, Scalar, Table, entries, find, locate, named, scalar, scalars
from celltrial.study.sentences import squeeze
from celltrial.study.targets import criterion_nodes
from celltrial.study.vocabulary import STAGES

__all__ = ["check_links"]


def check_links(nodes: Mapping[str, Node], record: str) -> Iterator[Finding]:
    """Every assumption and question that leads nowhere or is missing."""
    yield from _check_assumptions(nodes)
    yield from _check_covers(nodes)
    yield from _check_protocol(nodes)
    yield from _check_says(nodes, squeeze(record))
    yield from _check_questions(nodes, squeeze(record))
    yield from _check_blocks(nodes)


def _check_assumptions(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    known = dict(entries(nodes["assumptions.yaml"]))
    used = {key for key, assumption in known.items() if find(assumption, "covers")}
    for file in ("study.yaml", "forms.yaml"):
        for name in named(nodes[file], "assumption"):
            used.add(name.text)
            if name.text not in known:
                yield problem("an assumption that assumptions.yaml does not have", name, name.text, ", ".join(known))
    for key in (each for each in known if each not in used):
        expected = f"`assumption: {key}` in study.yaml or forms.yaml, or `covers` with a place in {ELIGIBILITY}"
        place = place_of(nodes["assumptions.yaml"], key)
        yield finding_at(place, f"nothing rests on assumption {key}", "no mention of it", expected)


def _check_covers(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    criteria = criterion_nodes(nodes[ELIGIBILITY])
    assumed: dict[str, Node] = {
        f"{criterion}.{part.text}": part for criterion, node in criteria for part in scalars(find(node, "assumed"))
    }
    assumed |= _ours_in_general(nodes[ELIGIBILITY])
    places = {f"{criterion}.{key}" for criterion, node in criteria for key in node.entries} | set(assumed)
    covered: set[str] = set()
    for _, assumption in entries(nodes["assumptions.yaml"]):
        for place in scalars(find(assumption, "covers")):
            covered.add(place.text)
            if place.text not in places and find(nodes[ELIGIBILITY], *place.text.split(".")) is None:
                yield problem(
                    f"a place that {ELIGIBILITY} does not have", place, place.text, "like I06a.gap, defaults.lab"
                )
    for path, part in assumed.items():
        if path not in covered:
            expected = f"an assumption of assumptions.yaml that covers {path}"
            yield problem("something assumed that no assumption describes", part, path, expected)


def _ours_in_general(eligibility: Node) -> dict[str, Node]:
    """What the record cannot have said: that nothing excludes, how long a period is, which results count."""
    ours = {f"periods.{key}": period for key, period in entries(find(eligibility, "periods"))}
    complete, results = find(eligibility, "complete"), find(eligibility, "defaults", "lab")
    if scalar(complete) == "false" and complete:
        ours["complete"] = complete
    return ours | ({"defaults.lab": results} if results else {})


def _check_protocol(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """The criteria are those of this study, in this version."""
    study = find(nodes["study.yaml"], "study")
    for key, own in (("id", "id"), ("registry", "registry_id"), ("version", "version")):
        given = find(nodes[ELIGIBILITY], "protocol", key)
        if scalar(given) != scalar(find(study, own)):
            place = given.source if given else locate(nodes[ELIGIBILITY], ["protocol"])
            expected = f"the study's {own}: {scalar(find(study, own))}"
            yield finding_at(place, f"the criteria are of another {key}", scalar(given) or "nothing", expected)


def _check_says(nodes: Mapping[str, Node], record: str) -> Iterator[Finding]:
    """What a criterion `says` are words of the record; the stages are those that people sign."""
    for says in named(nodes[ELIGIBILITY], "says"):
        if squeeze(says.text) not in record:
            yield problem(
                "a criterion that does not say what the record says", says, says.text, "the record's own words"
            )
    stages = find(nodes[ELIGIBILITY], "stages")
    for stage in stages.entries if isinstance(stages, Table) else ():
        if stage not in STAGES:
            expected = ", ".join(STAGES)
            yield finding_at(place_of(stages, stage), "a stage that nobody signs eligibility for", stage, expected)


def _check_questions(nodes: Mapping[str, Node], record: str) -> Iterator[Finding]:
    for key, question in entries(nodes["questions.yaml"]):
        phrase, answer, by = (find(question, each) for each in ("phrase", "answer", "answered_by"))
        if isinstance(phrase, Scalar) and squeeze(phrase.text) not in record:
            yield problem(
                "a phrase that the registry record does not have", phrase, phrase.text, "the record's own words"
            )
        if bool(scalar(answer).strip()) != bool(scalar(by).strip()):
            found = f"answer {scalar(answer)!r}, answered_by {scalar(by)!r}"
            yield problem(f"{key} is half answered", answer, found, "an answer and who gave it, or neither")
            yield problem(f"{key} is half answered", by, found, "an answer and who gave it, or neither")


def _check_blocks(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    questions = dict(entries(nodes["questions.yaml"]))
    blocks = {key: {each.text for each in scalars(find(question, "blocks"))} for key, question in questions.items()}
    asked: dict[str, set[str]] = {}
    for criterion, node in criterion_nodes(nodes[ELIGIBILITY]):
        given = find(node, "question")
        names = (given,) if isinstance(given, Scalar) else scalars(given)
        asked[criterion] = {each.text for each in names}
        for name in names:
            if criterion not in blocks.get(name.text, ()):
                expected = f"a question of questions.yaml that blocks {criterion}"
                yield problem(f"{criterion} names a question that does not block it", name, name.text, expected)
    for key, question in questions.items():
        for block in scalars(find(question, "blocks")):
            if key not in asked.get(block.text, ()):
                expected = f"a criterion of {ELIGIBILITY} with `question: {key}`"
                yield problem(f"{key} blocks a criterion that does not name it", block, block.text, expected)
