"""What the numbers of `study.yaml` must be to one another: doses, design, DLT rule, stopping, kinetics, dates, ages."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from celltrial.errors import Finding
from celltrial.study.findings import place_of, problem
from celltrial.study.nodes import Node, Scalar, entries, find, scalar, scalars, to_plain
from celltrial.units import analytes

__all__ = ["check_numbers"]

# the numbers a stopping rule of each kind is computed with
_STOPPING_NUMBERS = {
    "bayesian_dlt_rate": {"rate", "cutoff"},
    "related_death": {"n"},
    "crs_or_icans": {"grade", "n"},
    "gvhd": {"grade", "n"},
}
# what it may have beside them, all or none: the Beta prior (uniform where there is none)
_STOPPING_OPTIONS = {"bayesian_dlt_rate": {"prior_a", "prior_b"}}


def check_numbers(nodes: Mapping[str, Node]) -> Iterator[Finding]:
    """Every number of the study that contradicts another one."""
    study = nodes["study.yaml"]
    for check in (
        _check_levels,
        _check_design,
        _check_size,
        _check_dlt,
        _check_stopping,
        _check_kinetics,
        _check_registry,
    ):
        yield from check(study)


def _check_levels(study: Node) -> Iterator[Finding]:
    last = Decimal(0)
    for key, level in entries(find(study, "dose_levels")):
        cells = _decimal(find(level, "cells"))
        if cells is not None and cells <= last:
            yield problem(
                f"dose level {key} is not above the one before", find(level, "cells"), f"{cells}", f"more than {last}"
            )
        last = cells or last
    start = find(study, "design", "start_level")
    levels = [key for key, _ in entries(find(study, "dose_levels"))]
    if scalar(start) not in levels:
        yield problem("the start level is not a dose level", start, scalar(start), ", ".join(levels))


def _check_design(study: Node) -> Iterator[Finding]:
    """Every design of the study can be built with its numbers and the rules; `escalation` says what it takes."""
    from celltrial.escalation import check_design

    design = find(study, "design")
    name, target = find(design, "name"), _target(study)
    designs, rules = find(design, "designs"), find(design, "rules")
    if scalar(name) not in dict(entries(designs)):
        known = ", ".join(key for key, _ in entries(designs))
        yield problem("the design is not among `designs`", name, scalar(name), known)
    if target is None:
        return
    for key, settings in entries(rules):
        for finding in check_design("boin", target=float(target), rules=[(key, _numbers(settings))]):
            yield _placed(finding, rules, key)
    for key, settings in entries(designs):
        for finding in check_design(key, target=float(target), parameters=_numbers(settings)):
            yield _placed(finding, designs, key)


def _check_size(study: Node) -> Iterator[Finding]:
    """The number of participants is one number, wherever it stands, and not more than the record plans."""
    design = find(study, "design")
    most, planned = find(design, "max_n"), find(study, "registry", "participants", "target")
    by_rule = find(design, "rules", "max_n", "n")
    if _decimal(most) != _decimal(by_rule):
        for node, other in ((most, by_rule), (by_rule, most)):
            yield problem("max_n of the design and of its rule differ", node or other, scalar(node), scalar(other))
    for node in (most, find(design, "cohort_size"), find(design, "rules", "stop_at_n", "n")):
        size, limit = _decimal(node), _decimal(planned)
        if size is not None and limit is not None and size > limit:
            yield problem("more participants than the record plans", node, scalar(node), f"at most {scalar(planned)}")


def _check_dlt(study: Node) -> Iterator[Finding]:
    window, sentinel = find(study, "dlt", "window_days"), find(study, "design", "sentinel_days")
    days, wait = _decimal(window), _decimal(sentinel)
    if days is not None and wait is not None and wait > days:
        yield problem(
            "the sentinel interval is longer than the DLT window", sentinel, scalar(sentinel), f"at most {days}"
        )
    visits = [visit for _, visit in entries(find(study, "visits")) if scalar(find(visit, "anchor")) == "infusion"]
    if days is not None and all(_decimal(find(visit, "day")) != days + 1 for visit in visits):
        expected = f"a visit on study day {days + 1}, which is {days} days after the infusion"
        yield problem("no visit closes the DLT window", window, scalar(window), expected)
    for key, clause in entries(find(study, "dlt", "clauses")):
        if scalar(find(clause, "kind")) == "death" and scalar(find(clause, "grade_at_least")) != "5":
            yield problem(
                f"{key}: death is grade 5", find(clause, "grade_at_least"), scalar(find(clause, "grade_at_least")), "5"
            )


def _check_stopping(study: Node) -> Iterator[Finding]:
    target = _target(study)
    for key, rule in entries(find(study, "stopping_rules")):
        kind = scalar(find(rule, "kind"))
        needed, options = _STOPPING_NUMBERS.get(kind, set()), _STOPPING_OPTIONS.get(kind, set())
        given = {name for name, _ in entries(find(rule, "parameters"))}
        if needed and given not in (needed, needed | options):
            found, expected = ", ".join(sorted(given)), ", ".join(sorted(needed))
            expected += f"; with a prior also {', '.join(sorted(options))}" if options else ""
            yield problem(f"{key}: the numbers are not those of its kind", find(rule, "parameters"), found, expected)
        rate = find(rule, "parameters", "rate")
        if isinstance(rate, Scalar) and target is not None and _decimal(rate) != target:
            yield problem(f"{key}: the rate is not the target of the design", rate, rate.text, f"{target}")


def _check_kinetics(study: Node) -> Iterator[Finding]:
    kinetics = find(study, "kinetics")
    analyte, unit = find(kinetics, "analyte"), find(kinetics, "unit")
    known = next((each for each in analytes().values() if each.code == scalar(analyte)), None)
    if known and scalar(unit) != known.unit:
        yield problem("the unit is not the analyte's", unit, scalar(unit), known.unit)
    for area in scalars(find(kinetics, "partial_areas")):
        first, _, last = area.text.partition("-")
        if first.isdecimal() and last.isdecimal() and int(first) >= int(last):
            yield problem("a partial area that ends before it begins", area, area.text, "days like 0-28")
    lloq, highest = find(kinetics, "lloq"), find(kinetics, "plausible_below")
    low, high = _decimal(lloq), _decimal(highest)
    if low is not None and high is not None and low >= high:
        yield problem("lloq leaves no value plausible", lloq, scalar(lloq), f"less than plausible_below, {high}")
        yield problem("plausible_below leaves no value plausible", highest, scalar(highest), f"more than lloq, {low}")


def _check_registry(study: Node) -> Iterator[Finding]:
    """What the study says of itself is what the record says, or completes it."""
    facts = find(study, "registry")
    for table, low, high in (("dates", "start", "completion"), ("eligibility", "minimum_age", "maximum_age")):
        first, last = scalar(find(facts, table, low)), scalar(find(facts, table, high))
        # days as ISO texts and ages as numbers: both in their own order
        if (len(first), first) > (len(last), last):
            yield problem(f"{low} is not before {high}", find(facts, table, high), last, f"not less than {first}")
    own, printed = find(study, "study", "title"), scalar(find(facts, "title"))
    if scalar(own) != printed:
        yield problem("the title is not the record's", own, scalar(own), printed)
    name, arm = find(study, "product", "name"), scalar(find(facts, "treatments", "arm"))
    if scalar(name) != arm:
        yield problem("the product is not the one of the record's arm", name, scalar(name), arm)
    product, intervention = find(study, "product", "id"), scalar(find(facts, "treatments", "intervention"))
    if scalar(product) not in intervention:
        yield problem("the product is not the one of the record's intervention", product, scalar(product), intervention)
    site, hospital = find(study, "site", "name"), scalar(find(facts, "locations", "hospital"))
    if not scalar(site).startswith(hospital):
        yield problem("the site is not the record's hospital", site, scalar(site), f"{hospital}, or that completed")


def _target(study: Node) -> Decimal | None:
    """The target of the design, where it is a probability; else that is the problem to solve first."""
    target = _decimal(find(study, "design", "target"))
    return target if target is not None and 0 < target < 1 else None


def _decimal(node: Node | None) -> Decimal | None:
    try:
        return Decimal(scalar(node))
    except InvalidOperation:
        return None


def _numbers(node: Node) -> dict[str, float | str]:
    plain = to_plain(node)
    return (
        {key: value for key, value in plain.items() if isinstance(value, int | float | str)}
        if isinstance(plain, dict)
        else {}
    )


def _placed(finding: Finding, table: Node | None, key: str) -> Finding:
    return Finding(
        message=finding.message,
        source=place_of(table, key),
        where=key,
        found=finding.found,
        expected=finding.expected,
        rule=finding.rule,
        next_step=finding.next_step or "correct the design",
    )
