"""The bound tests, run by pytest in a process of their own from the pack, away from every record of this computer."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from celltrial.errors import Finding, InputError, UsageError
from celltrial.validation.outcome import TestResult
from celltrial.validation.pack import Pack

__all__ = ["TestRun", "collect_tests", "require_tools", "run_tests"]

# what the bound tests import beside the product; the extra `validation` brings them
_TOOLS = ("hypothesis", "pytest", "syrupy", "scipy")
_SECONDS_BETWEEN_LOOKS = 0.2
_WORST = ("passed", "skipped", "failed", "error")
# pytest's own exit codes: done, tests failed, nothing collected
_ENDED = (0, 1, 5)

# told(share of the tests that are done, the last one)
Told = Callable[[float, TestResult], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """Every test that was run, with its result, and the files that could not even be read."""

    __test__ = False

    results: tuple[TestResult, ...]
    broken_files: tuple[str, ...]


def require_tools() -> None:
    """Raise UsageError where what the tests need is not installed."""
    if missing := [name for name in _TOOLS if find_spec(name) is None]:
        raise UsageError(
            Finding(
                message="the tests cannot be run: what they need is not installed",
                found="missing: " + ", ".join(missing),
                next_step="install celltrial[validation]",
            )
        )


def collect_tests(pack: Pack, files: Iterable[str]) -> tuple[str, ...]:
    """The ids of every test in these files, as pytest collects them. Raises InputError where it cannot."""
    require_tools()
    there = [str(pack.root / each) for each in dict.fromkeys(files) if (pack.root / each).is_file()]
    if not there:
        return ()
    with tempfile.TemporaryDirectory() as name:
        progress = Path(name, "progress.jsonl")
        command = [*_command(pack, progress), "--collect-only", *there]
        done = subprocess.run(
            command, cwd=name, env=_environment(Path(name)), capture_output=True, text=True, check=False
        )
        lines = list(_read(progress, 0)[0])
    broken = [f"{each['file']}: {each['message']}" for each in lines if each.get("outcome") == "error"]
    if broken or done.returncode not in _ENDED:
        found = "; ".join(broken) or (done.stdout + done.stderr)[-2000:]
        raise InputError(Finding(message="the tests cannot be collected", found=found))
    return tuple(str(each["collected"]) for each in lines if "collected" in each)


def run_tests(
    pack: Pack, patterns: Sequence[str], *, junit: Path, workers: int = 1, told: Told | None = None
) -> TestRun:
    """Run the tests that the patterns stand for.

    Args:
        patterns: Node ids, or beginnings of some.
        junit: Where pytest writes its own report (JUnit XML).
        workers: Processes at once; 1 where pytest-xdist is not installed.
        told: Called after each test.
    Raises:
        UsageError: pytest is not installed. InputError: it did not run to its end.
    """
    require_tools()
    files = sorted({each.partition("::")[0] for each in patterns})
    there = [str(pack.root / each) for each in files if (pack.root / each).is_file()]
    if not there:
        return TestRun(results=(), broken_files=())
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        bound, progress = place / "bound.txt", place / "progress.jsonl"
        bound.write_text("\n".join(patterns), encoding="utf-8")
        parallel = ["-n", str(workers), "--dist", "loadfile"] if workers > 1 and find_spec("xdist") else []
        command = [*_command(pack, progress), f"--celltrial-bound={bound}", f"--junitxml={junit.absolute()}", *parallel]
        with (place / "output.txt").open("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                [*command, *there], cwd=place, env=_environment(place), stdout=output, stderr=subprocess.STDOUT
            )
            try:
                run = _follow(process, progress, told)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            output.seek(0)
            if process.returncode not in _ENDED:
                text = output.read()[-2000:]
                raise InputError(Finding(message="the tests did not run to their end", found=text))
    return run


def _follow(process: subprocess.Popen[bytes], progress: Path, told: Told | None) -> TestRun:
    """Read what the plugin writes until the process has ended."""
    results: dict[str, TestResult] = {}
    broken: list[str] = []
    expected, offset, is_over = 0, 0, False
    while not is_over:
        try:
            process.wait(_SECONDS_BETWEEN_LOOKS)
            is_over = True
        except subprocess.TimeoutExpired:
            pass
        lines, offset = _read(progress, offset)
        for line in lines:
            if "collected" in line:
                expected += 1
            elif "file" in line and line["outcome"] == "error":
                broken.append(f"{line['file']}: {line['message']}")
            elif "test" in line:
                result = _result(line)
                results[result.node] = _worse(results.get(result.node), result)
                if told is not None:
                    told(len(results) / max(expected, len(results)), result)
    return TestRun(results=tuple(results.values()), broken_files=tuple(broken))


def _read(progress: Path, offset: int) -> tuple[Iterator[dict[str, object]], int]:
    """The whole lines after `offset`, and where the next ones begin."""
    if not progress.exists():
        return iter(()), offset
    with progress.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    return (json.loads(line) for line in whole.splitlines()), offset + len(whole)


def _result(line: Mapping[str, object]) -> TestResult:
    return TestResult(
        node=str(line["test"]),
        outcome=str(line["outcome"]),
        seconds=float(str(line["seconds"])),
        message=str(line["message"]),
    )


def _worse(before: TestResult | None, now: TestResult) -> TestResult:
    """A test that passed and could not be cleared away has not passed."""
    return now if before is None or _WORST.index(now.outcome) > _WORST.index(before.outcome) else before


def _command(pack: Pack, progress: Path) -> list[str]:
    # addressed from the root of the pack, so that ids are the same shipped and in a checkout
    return [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(pack.settings),
        f"--rootdir={pack.root}",
        "-p",
        "celltrial.validation.plugin",
        # a file that cannot be read is told; the others run all the same
        "--continue-on-collection-errors",
        f"--celltrial-progress={progress}",
    ]


def _environment(place: Path) -> dict[str, str]:
    """This process's, without what would lead a test to a record of this site, or let it write into the package."""
    kept = {key: value for key, value in os.environ.items() if _is_harmless(key)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(place / "hypothesis")}


def _is_harmless(key: str) -> bool:
    return not key.startswith(("CELLTRIAL_", "PYTEST_")) or key.startswith("CELLTRIAL_TEST_")
