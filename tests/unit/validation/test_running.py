"""Running the bound tests: in a process of their own, each result with its message, no record within reach."""

import pytest

from celltrial.errors import InputError
from celltrial.validation.pack import Pack, find_pack
from celltrial.validation.running import collect_tests, run_tests

SMALL = """
import os
import pytest

def test_passes(): pass

@pytest.mark.parametrize("n", [1, 2])
def test_cases(n): assert n == 1, "not one"

@pytest.mark.skip(reason="no server here")
def test_skips(): pass

@pytest.fixture
def broken():
    yield
    raise RuntimeError("cannot be cleared away")

def test_breaks_afterwards(broken): pass

def test_nothing_of_the_site(): assert "CELLTRIAL_DATABASE" not in os.environ

def test_not_named(): assert False
"""
NAMED = ("test_passes", "test_cases", "test_skips", "test_breaks_afterwards", "test_nothing_of_the_site")


@pytest.fixture
def pack(tmp_path):
    """A pack of one file that can be read and one that cannot."""
    for folder in ("validation", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "validation" / "pytest.ini").write_bytes(find_pack().settings.read_bytes())
    (tmp_path / "tests" / "test_small.py").write_text(SMALL)
    (tmp_path / "tests" / "test_unread.py").write_text("import no_such_module\n")
    return Pack(root=tmp_path, is_shipped=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_each_result_comes_with_its_message(pack, tmp_path, monkeypatch, workers):
    """What is named runs, case by case, and what is not named does not; a file that cannot be read is told."""
    monkeypatch.setenv("CELLTRIAL_DATABASE", "postgresql://the-real-record")
    told = []
    patterns = [f"tests/test_small.py::{name}" for name in NAMED] + ["tests/test_unread.py"]
    done = run_tests(pack, patterns, junit=tmp_path / "j.xml", workers=workers, told=lambda *each: told.append(each))
    found = {each.node.partition("::")[2]: (each.outcome, each.message) for each in done.results}
    assert found["test_passes"] == found["test_nothing_of_the_site"] == found["test_cases[1]"] == ("passed", "")
    assert found["test_cases[2]"][0] == "failed"
    assert "not one" in found["test_cases[2]"][1]
    assert found["test_skips"] == ("skipped", "no server here")
    assert found["test_breaks_afterwards"][0] == "error"
    assert len(found) == 6
    assert [each.partition(":")[0] for each in done.broken_files] == ["tests/test_unread.py"]
    assert (tmp_path / "j.xml").is_file()
    assert told[-1][0] == 1.0
    assert not list(tmp_path.rglob("__pycache__"))


def test_tests_are_collected_as_pytest_does(pack):
    """With their cases; a file that cannot be read stops it; nothing to collect is nothing."""
    nodes = collect_tests(pack, ["tests/test_small.py"])
    assert [each.partition("::")[2] for each in nodes[:3]] == ["test_passes", "test_cases[1]", "test_cases[2]"]
    assert len(nodes) == 7
    with pytest.raises(InputError, match="no_such_module"):
        collect_tests(pack, ["tests/test_unread.py"])
    assert collect_tests(pack, ["tests/none.py"]) == ()
