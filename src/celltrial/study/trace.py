"""Each sentence of the registry record and what it is bound to: `trace.yaml` against the record, line by line.

A binding quotes its sentence, so a change to either is seen; its targets must exist in the study files.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Literal

from celltrial.errors import Finding, Source
from celltrial.study.files import RECORD_TEXT
from celltrial.study.model import Sentence
from celltrial.study.nodes import Listing, Node, Scalar, find
from celltrial.study.sentences import RecordSentence, squeeze
from celltrial.study.targets import criterion_nodes, leaves_of, targets_of
from celltrial.study.vocabulary import BOUND_KINDS

__all__ = ["check_trace", "trace_sentences"]


_Binding = tuple[str, Source, tuple[Scalar, ...]]


def trace_sentences(nodes: Mapping[str, Node], record: Sequence[RecordSentence]) -> tuple[Sentence, ...]:
    """The sentences of the record, each with the targets of its binding that exist; none where nothing quotes it."""
    known = targets_of(nodes)
    bound = {
        sentence.id: tuple(target.text for target in binding[2] if target.text in known)
        for sentence, binding, _ in _align(record, _bindings(nodes["trace.yaml"]))
        if sentence and binding and sentence.text == binding[0]
    }
    return tuple(
        Sentence(
            id=each.id,
            text=each.text,
            bound_to=bound.get(each.id, ()),
            status=_status(bound.get(each.id, ())),
            source=Source(file=RECORD_TEXT, line=each.line),
        )
        for each in record
    )


def check_trace(nodes: Mapping[str, Node], record: Sequence[RecordSentence]) -> Iterator[Finding]:
    """Sentences without a binding, bindings without a sentence, targets that do not exist, facts that differ."""
    known = targets_of(nodes)
    used: set[str] = set()
    for sentence, binding, line in _align(record, _bindings(nodes["trace.yaml"])):
        if binding is None:
            yield from (_no_binding(each) for each in (sentence,) if each)
            continue
        text, source, targets = binding
        used.update(target.text for target in targets)
        yield from (_no_target(target, known) for target in targets if target.text not in known)
        if sentence is None:
            yield from _no_sentence(text, source, line)
        elif sentence.text != text:
            yield from _differs(sentence, text, source)
        else:
            yield from _check_facts(sentence, targets, nodes["study.yaml"])
    yield from _check_use(nodes, used)


def _status(targets: Sequence[str]) -> Literal["bound", "assumption", "unbound"]:
    if not targets:
        return "unbound"
    return "assumption" if all(each.startswith("assumption:") for each in targets) else "bound"


def _bindings(trace: Node) -> tuple[_Binding, ...]:
    """What can be read of `trace.yaml`: the words quoted, their place, the targets."""
    found = []
    for item in trace.items if isinstance(trace, Listing) else ():
        says, to = find(item, "says"), find(item, "to")
        if isinstance(says, Scalar):
            targets = tuple(each for each in to.items if isinstance(each, Scalar)) if isinstance(to, Listing) else ()
            found.append((squeeze(says.text), says.source, targets))
    return tuple(found)


def _align(
    record: Sequence[RecordSentence], bindings: Sequence[_Binding]
) -> Iterator[tuple[RecordSentence | None, _Binding | None, int]]:
    """Sentences and bindings side by side in the order of the record, with the line of the record they are at."""
    texts, quoted = [each.text for each in record], [each[0] for each in bindings]
    for _, a, b, c, d in difflib.SequenceMatcher(None, texts, quoted, autojunk=False).get_opcodes():
        # a sentence that has gone is missing after the one before it
        before = record[b - 1].line if b else 1
        for each, binding in zip_longest(record[a:b], bindings[c:d]):
            yield each, binding, each.line if each else before


def _check_facts(sentence: RecordSentence, targets: Sequence[Scalar], study: Node) -> Iterator[Finding]:
    """A fact under `registry` is in the record's own words: its text occurs in the sentence it is bound to."""
    for target in targets:
        fact = find(study, *target.text.partition(":")[2].split("."))
        if not target.text.startswith("study:registry.") or not isinstance(fact, Scalar):
            continue
        if squeeze(fact.text) not in sentence.text:
            yield Finding(
                message="a registry fact is not what the record says",
                source=fact.source,
                where=target.text,
                found=repr(fact.text),
                expected=f"words of {sentence.id} ({RECORD_TEXT}:{sentence.line}): {sentence.text}",
                rule="`registry` in study.yaml holds the record's facts in the record's own words",
                next_step="copy the words of the record, or bind the sentence to what it says",
            )


def _check_use(nodes: Mapping[str, Node], used: set[str]) -> Iterator[Finding]:
    """Every fact of `registry` and every criterion has a sentence of the record that asks for it."""
    registry = find(nodes["study.yaml"], "registry")
    for path, source in leaves_of(registry, "study:registry"):
        if path not in used and not isinstance(find(registry, path.split(".")[1], "assumption"), Scalar):
            yield _unused(path, source, "a registry fact that no sentence of the record is bound to")
    for criterion, node in criterion_nodes(nodes["eligibility.yaml"]):
        if len(criterion) == len("I01") and not any(each.startswith(f"criterion:{criterion}") for each in used):
            yield _unused(
                f"criterion:{criterion}", node.source, "a criterion that no sentence of the record is bound to"
            )


def _unused(target: str, source: Source, message: str) -> Finding:
    return Finding(
        message=message,
        source=source,
        where=target,
        expected=f"a sentence of {RECORD_TEXT} bound to {target} in trace.yaml",
        next_step="bind the sentence that says so, or name the assumption it rests on",
    )


def _no_binding(sentence: RecordSentence) -> Finding:
    return Finding(
        message="a sentence of the record that nothing is bound to",
        source=Source(file=RECORD_TEXT, line=sentence.line),
        where=sentence.id,
        found=sentence.text,
        expected="a binding in trace.yaml that quotes it word for word",
        next_step="if the record has changed, read what else has to change; then bind the sentence in trace.yaml",
    )


def _no_sentence(text: str, source: Source, line: int) -> Iterator[Finding]:
    for place in (source, Source(file=RECORD_TEXT, line=line)):
        yield Finding(
            message="a binding quotes a sentence that the record does not have here",
            source=place,
            found=text,
            expected=f"a sentence of {RECORD_TEXT}, word for word and in its order (near line {line})",
            next_step="restore the record, or correct the binding",
        )


def _differs(sentence: RecordSentence, text: str, source: Source) -> Iterator[Finding]:
    next_step = "if the record has changed, read what else has to change; then correct trace.yaml"
    for place, found, expected in (
        (Source(file=RECORD_TEXT, line=sentence.line), sentence.text, f"{text} (as {source} quotes it)"),
        (source, text, f"{sentence.text} (as {RECORD_TEXT}:{sentence.line} says)"),
    ):
        yield Finding(
            message="the record and the binding do not say the same",
            source=place,
            where=sentence.id,
            found=found,
            expected=expected,
            next_step=next_step,
        )


def _no_target(target: Scalar, known: Mapping[str, Source]) -> Finding:
    kind = target.text.partition(":")[0] + ":"
    near = difflib.get_close_matches(target.text, [each for each in known if each.startswith(kind)], n=1)
    return Finding(
        message="a binding to something that the study files do not have",
        source=target.source,
        found=target.text,
        expected="kind:name, where the kind is one of " + ", ".join(BOUND_KINDS),
        next_step=f"did you mean {near[0]!r}?" if near else "correct the target, or add what it names",
    )
