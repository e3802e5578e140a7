"""A plugin for pytest: takes only the tests that were asked for, and writes how each goes as it goes, a line each.

Loaded by name in the process that runs the tests (`pytest -p celltrial.validation.plugin`), never by the package.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from celltrial.validation.binding import is_bound

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure"]

_MOST_TEXT = 4000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two files: the tests to take, one a line, and where to write how they go."""
    parser.addoption("--celltrial-bound", default="", help="a file with node ids, or the beginnings of some")
    parser.addoption("--celltrial-progress", default="", help="where to write a JSON line for each test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no requirement names."""
    if not (file := config.getoption("--celltrial-bound")):
        return
    bound = tuple(Path(file).read_text(encoding="utf-8").splitlines())
    taken = [each for each in items if any(is_bound(pattern, each.nodeid) for pattern in bound)]
    if len(taken) < len(items):
        items[:] = taken


def pytest_configure(config: pytest.Config) -> None:
    """Write only where the results come together, not in each worker."""
    file = config.getoption("--celltrial-progress")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Progress(Path(file)), "celltrial-progress")


class _Progress:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_told = False

    def _write(self, line: Mapping[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        # where workers collect, the session here is empty
        self._tell_collected([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        # every worker collects the same
        if not self._is_told:
            self._tell_collected(ids)

    def _tell_collected(self, ids: list[str]) -> None:
        self._is_told = bool(ids)
        for each in ids:
            self._write({"collected": each})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed or report.skipped:
            outcome = "error" if report.failed else "skipped"
            self._write({"file": report.nodeid, "outcome": outcome, "message": _tell(report)})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            # a test that broke before or after its body did not fail by what it asserts
            outcome = "error" if report.failed and report.when != "call" else report.outcome
            message = "" if report.passed else _tell(report)
            line = {"test": report.nodeid, "outcome": outcome, "seconds": round(report.duration, 3), "message": message}
            self._write(line)


def _tell(report: pytest.CollectReport | pytest.TestReport) -> str:
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message) if crash is not None else report.longreprtext
    return text[:_MOST_TEXT]
