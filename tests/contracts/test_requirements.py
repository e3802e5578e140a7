"""Every requirement is bound to tests that there are, or says why not: what a change must keep (urs.yaml)."""

import pytest

from celltrial.validation.checking import check_requirements, unnamed_modules
from celltrial.validation.pack import find_pack
from celltrial.validation.requirements import read_requirements
from celltrial.validation.running import collect_tests

PACK = find_pack()
REQUIREMENTS = read_requirements(PACK.requirements)
PARTS = ("record", "audit", "access", "signatures", "sequence", "dose", "eligibility", "grading", "scores", "kinetics")


@pytest.fixture(scope="module")
def nodes() -> tuple[str, ...]:
    """The ids of all tests that requirements may name, as pytest itself collects them."""
    return collect_tests(PACK, [pattern.partition("::")[0] for each in REQUIREMENTS for pattern in each.tests])


def test_every_binding_leads_to_a_test(nodes: tuple[str, ...]) -> None:
    """A renamed or deleted test is found by the requirement that it showed."""
    assert len(nodes) > 1000
    assert check_requirements(REQUIREMENTS, nodes) == ()


def test_every_requirement_has_a_test_or_the_reason_why_not() -> None:
    """The reader refuses a requirement with none of the three; here the reasons are held to be sentences."""
    for each in REQUIREMENTS:
        assert each.tests or len(each.procedure or each.not_yet) > 15, each.id


def test_every_part_of_the_product_has_requirements() -> None:
    """No room was left out, and those of high risk are shown by tests or named as not yet."""
    groups = {each.group for each in REQUIREMENTS}
    assert all(any(group.startswith(part) for group in groups) for part in PARTS)
    assert [each.id for each in REQUIREMENTS if each.risk == "high" and each.procedure] == []
    print("not yet:", *(each.id for each in REQUIREMENTS if each.not_yet))  # noqa: T201 - `pytest -s` lists them


def test_a_file_of_tests_that_nothing_names_is_known(nodes: tuple[str, ...]) -> None:
    """For information in the report: the list is computed, and this very file is on it."""
    shipped = [path.relative_to(PACK.root).as_posix() for path in (PACK.root / "tests").rglob("test_*.py")]
    assert "tests/contracts/test_requirements.py" in unnamed_modules(REQUIREMENTS, shipped)
    assert "tests/unit/record/test_verify.py" not in unnamed_modules(REQUIREMENTS, shipped)
