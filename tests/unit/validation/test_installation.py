"""The installation: each file against the list of its wheel; and what this computer must do."""

import base64
import hashlib
from importlib.metadata import Distribution

import pytest

from celltrial.validation.installation import check_files, qualify_installation
from celltrial.validation.outcome import Status
from celltrial.validation.pack import Pack, find_pack


def hash_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@pytest.fixture
def installed(tmp_path):
    """A small package with its RECORD, as an installer leaves it."""
    package = tmp_path / "celltrial"
    (package / "part").mkdir(parents=True)
    files = {"__init__.py": b"x = 1\n", "part/table.csv": b"a,b\n"}
    for name, data in files.items():
        (package / name).write_bytes(data)
    info = tmp_path / "celltrial-0.1.0.dist-info"
    info.mkdir()
    lines = [f"celltrial/{name},sha256={hash_of(data)},{len(data)}" for name, data in files.items()]
    (info / "METADATA").write_text("Name: celltrial\nVersion: 0.1.0\n")
    (info / "RECORD").write_text("\n".join([*lines, "celltrial-0.1.0.dist-info/RECORD,,", ""]))
    return Distribution.at(info), package


def test_files_as_they_were_built_pass(installed):
    """Compiled files beside them are made on the spot."""
    (installed[1] / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    check = check_files(*installed)
    assert check.status is Status.PASSED
    assert check.found.startswith("2 files compared, 0 differ. SHA-256 over all: ")


@pytest.mark.parametrize(
    ("name", "data", "detail"),
    [
        ("part/table.csv", b"a,c\n", "changed: part/table.csv"),
        ("__init__.py", None, "missing: __init__.py"),
        ("part/more.py", b"", "not of this package: part/more.py"),
    ],
)
def test_a_file_that_differs_is_named(installed, name, data, detail):
    """Changed, taken away, added."""
    path = installed[1] / name
    path.unlink() if data is None else path.write_bytes(data)
    check = check_files(*installed)
    assert check.status is Status.FAILED
    assert check.details == (detail,)


def test_without_a_list_nothing_is_claimed(installed, tmp_path):
    """An editable installation lists no file of the package: not run, with its reason."""
    (tmp_path / "celltrial-0.1.0.dist-info" / "RECORD").write_text("celltrial-0.1.0.dist-info/RECORD,,\n")
    check = check_files(*installed)
    assert check.status is Status.NOT_RUN
    assert "editable" in check.found


def test_this_computer_is_fit():
    """Where the tests run, everything that must be there is; each check has an id of its own and says what it found."""
    checks = qualify_installation(find_pack())
    assert [each.id for each in checks] == [f"IQ-{number}" for number in range(1, 9)]
    assert [each for each in checks if each.status is Status.FAILED] == []
    assert all(each.found for each in checks)


def test_a_clock_table_that_is_wrong_is_found(monkeypatch):
    """Zones are compared with published facts: a false fact does not pass."""
    from celltrial.validation import installation

    zone, moment, offset = installation._KNOWN_OFFSETS[0]
    monkeypatch.setattr(installation, "_KNOWN_OFFSETS", ((zone, moment, offset * 2), ("No/Where", moment, offset)))
    check = next(each for each in qualify_installation(find_pack()) if each.id == "IQ-6")
    assert check.status is Status.FAILED
    assert [each.split(":")[0] for each in check.details] == ["Asia/Shanghai at 2026-07-01T00", "No/Where"]


def test_another_version_of_a_package_is_said(tmp_path):
    """Not a failure: the tests show whether it matters."""
    (tmp_path / "requirements.lock").write_text("rich==0.1 \\\n    --hash=sha256:00\npolars==0.1 ; x\npolars==0.2\n")
    checks = qualify_installation(Pack(root=tmp_path, is_shipped=False))
    check = next(each for each in checks if each.id == "IQ-5")
    assert check.status is Status.NOTED
    assert any(each.startswith("rich: ") and each.endswith("tested with 0.1") for each in check.details)
    assert any(each.endswith("tested with 0.1 or 0.2") for each in check.details)
