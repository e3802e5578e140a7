"""What one place of the study files says about another: visits, forms, measures, roles, lists.

Every check takes the located nodes and yields findings; what the specification has refused already is passed over.
"""

from collections.abc import Iterator, Mapping

from celltrial.errors import Finding, Source
from celltrial.instruments.bilag_2004 import bilag_systems
from celltrial.instruments.sfi import sfi_criteria
from celltrial.instruments.sledai_2k import sledai_2k_items
from celltrial.instruments.slicc_damage import slicc_damage_items
from celltrial.safety.iec_hs import iec_hs_grading_signs, iec_hs_signs
from celltrial.study.findings import finding_at, place_of, place_of_missing, problem
from celltrial.study.nodes import Listing, Node, Scalar, Table, entries, find, scalar, scalars
from celltrial.study.review_settings import check_review
from celltrial.study.vocabulary import ASSESSMENT_FORMS, EVENT_TYPES, ITEMS_OF_FORM, ITEMS_OF_YIELD, ROLES

__all__ = ["check_references"]


def check_references(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """Every reference of the study files that leads nowhere, and everything that nothing refers to."""
    for check in (
        _check_repeats,
        _check_visits,
        _check_windows,
        _check_measures,
        _check_forms,
        _check_roles,
        _check_settings,
        check_review,
    ):
        yield from check(nodes)


def _check_repeats(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """A list of words has each word once."""
    for file in ("study.yaml", "forms.yaml", "questions.yaml", "trace.yaml"):
        for items in _listings(nodes[file]):
            seen: set[str] = set()
            for item in items:
                if item.text in seen:
                    yield problem("the same twice in one list", item, item.text, "each once")
                seen.add(item.text)


def _check_visits(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    forms = dict(entries(nodes["forms.yaml"]))
    measures = dict(entries(find(nodes["study.yaml"], "measures")))
    asked: set[str] = set()
    for key, visit in entries(find(nodes["study.yaml"], "visits")):
        own = scalars(find(visit, "forms"))
        asked.update(each.text for each in own)
        for asked_form in own:
            if asked_form.text not in forms:
                yield problem(
                    f"visit {key} asks for a form that forms.yaml does not have",
                    asked_form,
                    asked_form.text,
                    ", ".join(forms),
                )
        for measure in scalars(find(visit, "measures")):
            form_of = scalar(find(measures.get(measure.text), "form"))
            if measure.text not in measures:
                yield problem(
                    f"visit {key} takes a measure that does not exist", measure, measure.text, ", ".join(measures)
                )
            elif form_of and form_of not in {each.text for each in own}:
                message = f"visit {key} measures {measure.text} but does not have its form"
                yield problem(message, measure, ", ".join(each.text for each in own), f"the form {form_of}")
    for key, form in forms.items():
        if key not in asked and scalar(find(form, "any_time")) != "true":
            place = place_of(nodes["forms.yaml"], key)
            yield finding_at(
                place,
                f"no visit asks for the form {key}",
                "forms of the visits",
                "a visit with it, or `any_time: true`",
            )


def _check_windows(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """Visits stand in the order of their days, and no day belongs to the windows of two visits."""
    last: dict[str, tuple[int, str]] = {}
    for key, visit in entries(find(nodes["study.yaml"], "visits")):
        day, anchor = _whole(find(visit, "day")), scalar(find(visit, "anchor"))
        before, after = _whole(find(visit, "window", "before")), _whole(find(visit, "window", "after"))
        place = find(visit, "day")
        if day is None or before is None or after is None or place is None:
            continue
        if day == 0:
            yield problem(f"visit {key} on study day 0", place, "0", "there is no day 0: the anchor's day is 1")
        if anchor in last and day - before <= last[anchor][0]:
            expected = f"a window that begins after day {last[anchor][0]}, the last of {last[anchor][1]}"
            yield problem(f"visit {key} overlaps the one before", place, f"from day {day - before}", expected)
        last[anchor] = (day + after, key)


def _check_measures(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    study = nodes["study.yaml"]
    visits = [visit for _, visit in entries(find(study, "visits"))]
    daily = scalars(find(study, "schedule", "daily", "measures"))
    used = {each.text for visit in visits for each in scalars(find(visit, "measures"))}
    measures = dict(entries(find(study, "measures")))
    for each in daily:
        if each.text not in measures:
            yield problem("a daily measure that does not exist", each, each.text, ", ".join(measures))
    for key, measure in measures.items():
        form, event = find(measure, "form"), find(measure, "event")
        place = place_of(find(study, "measures"), key)
        if (form is None) == (event is None):
            yield finding_at(
                place, f"measure {key} needs one place to be recorded in", "both or neither", "`form:` or `event:`"
            )
        if isinstance(form, Scalar) and find(nodes["forms.yaml"], form.text) is None:
            yield problem(
                f"measure {key} on a form that forms.yaml does not have", form, form.text, "a form of forms.yaml"
            )
        if key not in used | {each.text for each in daily}:
            yield finding_at(place, f"no visit takes measure {key}", "measures of the visits", "a visit with it")
    first, until = _whole(find(study, "schedule", "daily", "from")), _whole(find(study, "schedule", "daily", "to"))
    if first is not None and until is not None and first > until:
        yield problem(
            "daily assessments end before they begin", find(study, "schedule", "daily"), f"{first} to {until}", ""
        )


def _check_forms(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    for key, form in entries(nodes["forms.yaml"]):
        items = dict(entries(find(form, "items")))
        needed = (*ITEMS_OF_YIELD.get(scalar(find(form, "yields")), ()), *_items_of(key))
        if scalar(find(form, "yields")) == "assessment" and key not in ASSESSMENT_FORMS:
            yield finding_at(
                place_of(nodes["forms.yaml"], key),
                f"nothing reads an assessment on the form {key}",
                key,
                "the name of a form that a method knows: " + ", ".join(ASSESSMENT_FORMS),
            )
        for name in (each for each in needed if each not in items):
            place = place_of_missing(find(form, "items"), name, needed)
            yield finding_at(
                place, f"form {key} lacks the item {name}", ", ".join(items), f"{name}: what reads this form needs it"
            )
        for name, item in items.items():
            choices = scalars(find(item, "choices"))
            if (scalar(find(item, "kind")) == "choice") != bool(choices):
                expected = "kind: choice with `choices`, or another kind without"
                yield finding_at(
                    place_of(find(form, "items"), name), f"{key}.{name}: kind and choices do not agree", "", expected
                )


def _items_of(form: str) -> tuple[str, ...]:
    """The items that a form known by its name must have: of an instrument, those that the instrument reads."""
    return (*ITEMS_OF_FORM.get(form, ()), *_items_of_instrument(form))


def _items_of_instrument(form: str) -> tuple[str, ...]:
    match form:
        case "sledai_2k":
            items = [str(each.item) for each in sledai_2k_items()]
            return (*items, *(f"{each}_attribution" for each in items))
        case "bilag_2004":
            return bilag_systems()
        case "slicc_damage":
            return tuple(each.item for each in slicc_damage_items())
        case "flare_index":
            return tuple(each.criterion for each in sfi_criteria() if each.is_asked)
        case "iec_hs_assessment":
            return (*iec_hs_signs(), *iec_hs_grading_signs())
        case _:
            return ()


def _check_roles(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    roles = find(nodes["study.yaml"], "roles")
    known = dict(entries(roles))
    written = {each.text for role in known.values() for each in scalars(find(role, "writes"))}
    place = roles.source if roles else Source(file="study.yaml", line=1)
    for name in (each for each in ROLES if each not in known):
        missing = place_of_missing(roles, name, ROLES)
        yield finding_at(missing, f"the role {name} is missing", ", ".join(known), "every role that decisions rest on")
    for event in (each for each in EVENT_TYPES if each not in written):
        yield finding_at(
            place, f"no role may write {event}", "the `writes` of all roles", f"a role that writes {event}"
        )
    for key, role in known.items():
        writes = {each.text for each in scalars(find(role, "writes"))}
        if scalars(find(role, "signs")) and "signature" not in writes:
            yield finding_at(
                place_of(roles, key), f"role {key} signs but may not write a signature", ", ".join(writes), "signature"
            )


def _check_settings(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    training, roles = find(nodes["study.yaml"], "access", "training"), find(nodes["study.yaml"], "roles")
    for role, _ in entries(training):
        if find(roles, role) is None:
            known = ", ".join(key for key, _ in entries(roles))
            yield finding_at(place_of(training, role), f"training for a role that there is not: {role}", role, known)
    prior = find(nodes["study.yaml"], "toxicity", "prior_organs")
    if isinstance(prior, Scalar) and find(nodes["forms.yaml"], prior.text) is None:
        expected = "a form of forms.yaml, like organ_involvement"
        yield problem("prior organs on a form that forms.yaml does not have", prior, prior.text, expected)


def _whole(node: Node | None) -> int | None:
    text = scalar(node)
    return int(text) if text.lstrip("-").isdecimal() else None


def _listings(node: Node) -> Iterator[tuple[Scalar, ...]]:
    match node:
        case Table():
            for child in node.entries.values():
                yield from _listings(child)
        case Listing():
            yield scalars(node)
            for item in node.items:
                yield from _listings(item)
