"""The validation as one JSON document, and the page made from it: the page says nothing that the document does not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from celltrial import __version__
from celltrial.validation.judging import Qualification, RequirementResult
from celltrial.validation.outcome import Check, Status, TestResult

__all__ = ["FORMAT", "Occasion", "render_html", "to_document"]

FORMAT = "celltrial-validation-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Who ran it, where, when and what was asked for. `study`, `study_version`, `study_hash` are blank without one."""

    person: str
    printed_name: str
    computer: str
    began_at: datetime
    ended_at: datetime
    is_quick: bool
    study: str = ""
    study_version: str = ""
    study_hash: str = ""


def to_document(qualification: Qualification, occasion: Occasion) -> dict[str, object]:
    """The document: result first, then who and where, then everything that was found."""
    return {
        "format": FORMAT,
        "celltrial": __version__,
        "result": "failed" if qualification.has_failed else "passed",
        "summary": summarise(qualification),
        "scope": "requirements of high risk only (--quick)" if occasion.is_quick else "all requirements",
        "study": {"id": occasion.study, "version": occasion.study_version, "hash": occasion.study_hash},
        "run_by": {"person": occasion.person, "printed_name": occasion.printed_name, "computer": occasion.computer},
        "began_at": occasion.began_at.isoformat(timespec="seconds"),
        "ended_at": occasion.ended_at.isoformat(timespec="seconds"),
        "seconds": round((occasion.ended_at - occasion.began_at).total_seconds(), 1),
        "counts": _counts(qualification),
        "installation": [each.to_json() for each in qualification.installation],
        "configuration": [each.to_json() for each in qualification.study],
        "requirements": [_requirement(each) for each in qualification.requirements],
        "broken_test_files": list(qualification.broken_files),
        "test_files_without_a_requirement": list(qualification.unnamed_modules),
    }


def summarise(qualification: Qualification) -> list[str]:
    """The first lines: what passed, what failed, what was not run and why."""
    counts, tests = qualification.counts, Counter(each.outcome for each in qualification.tests)
    lines = [
        f"{len(qualification.requirements)} requirements: "
        + ", ".join(f"{number} {status.value}" for status, number in counts.items())
        + ".",
        f"{sum(tests.values())} tests: "
        + (", ".join(f"{tests[each]} {each}" for each in sorted(tests)) or "none")
        + ".",
        _checks("Installation", qualification.installation),
        _checks("Study", qualification.study) if qualification.study else "No study was given: none was qualified.",
    ]
    for result in qualification.requirements:
        if result.status is Status.FAILED:
            lines.append(f"Failed: {result.requirement.id}, {result.requirement.text} ({result.why}).")
    for check in (*qualification.installation, *qualification.study):
        if check.status is Status.FAILED:
            lines.append(f"Failed: {check.id}, {check.title} ({check.found}).")
    lines += [f"Failed: a file of tests could not be read: {each}" for each in qualification.broken_files]
    return lines + _not_run(qualification)


def _checks(what: str, checks: Sequence[Check]) -> str:
    counted = Counter(each.status for each in checks)
    return f"{what}: " + ", ".join(f"{counted[each]} {each.value}" for each in Status if counted[each]) + "."


def _not_run(qualification: Qualification) -> list[str]:
    """Each reason why something was not run, once, with what it kept back."""
    kept: dict[str, list[str]] = {}
    for result in qualification.requirements:
        if result.status in (Status.NOT_RUN, Status.PARTLY):
            kept.setdefault(result.why, []).append(result.requirement.id)
    for check in (*qualification.installation, *qualification.study):
        if check.status is Status.NOT_RUN:
            kept.setdefault(check.found, []).append(f"{check.id} {check.title}")
    return [f"Not run, or in part: {_shorten(names)}: {why}." for why, names in kept.items()]


def _shorten(names: Sequence[str], most: int = 8) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _counts(qualification: Qualification) -> dict[str, object]:
    tests = Counter(each.outcome for each in qualification.tests)
    return {
        "requirements": {status.value: number for status, number in qualification.counts.items()},
        "tests": dict(sorted(tests.items())),
    }


def _requirement(result: RequirementResult) -> dict[str, object]:
    requirement = result.requirement
    return {
        "id": requirement.id,
        "group": requirement.group,
        "text": requirement.text,
        "sources": list(requirement.sources),
        "risk": requirement.risk,
        "risk_because": requirement.why,
        "status": result.status.value,
        "why": result.why,
        "site": requirement.site,
        "bound_to": list(requirement.tests),
        "tests": [each.to_json() for each in result.tests],
    }


def render_html(document: Mapping[str, object], *, document_hash: str, seal: Mapping[str, str]) -> str:
    """The page. `document_hash`: SHA-256 of validation.json as written; `seal`: what is known of its signature."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("celltrial.validation")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    style = files("celltrial.reports").joinpath("templates", "style.css").read_text(encoding="utf-8")
    requirements = document["requirements"]
    assert isinstance(requirements, list)
    return environment.get_template("validation.html.j2").render(
        document=document,
        groups=_by_group(requirements),
        document_hash=document_hash,
        seal=seal,
        style=Markup(style),
    )


def _by_group(requirements: Iterable[Mapping[str, object]]) -> dict[str, list[dict[str, object]]]:
    """The requirements of each group, each with its tests put together: one line a test, not one a parameter."""
    groups: dict[str, list[dict[str, object]]] = {}
    for each in requirements:
        groups.setdefault(str(each["group"]), []).append({**each, "lines": _lines(each["tests"])})
    return groups


def _lines(tests: object) -> list[dict[str, object]]:
    assert isinstance(tests, list)
    together: dict[str, list[TestResult]] = {}
    for each in tests:
        result = TestResult(**each)
        together.setdefault(result.node.partition("[")[0], []).append(result)
    return [_line(name, results) for name, results in together.items()]


def _line(name: str, results: Sequence[TestResult]) -> dict[str, object]:
    file, _, test = name.partition("::")
    outcomes = Counter(each.outcome for each in results)
    return {
        "file": file,
        "test": test,
        "cases": len(results),
        "outcomes": ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())),
        "passed": set(outcomes) == {"passed"},
        "seconds": round(sum(each.seconds for each in results), 2),
        "bad": [each for each in results if each.outcome in ("failed", "error")],
    }
