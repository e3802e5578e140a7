"""Installation qualification: is what is installed what was built, and does what it stands on do what it must?

The only part of the product that looks at the computer itself: files, Python, SQLite, time zones, packages, fonts.
"""

import hashlib
import os
import platform
import re
import sqlite3
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from celltrial import __version__
from celltrial.validation.outcome import Check, Status
from celltrial.validation.pack import Pack

__all__ = ["check_files", "qualify_installation"]

# the record's tables are STRICT (SQLite 3.37.0, 2021-11-27)
_SQLITE_FROM = (3, 37, 0)
_FULL = 2
_SHOWN = 20
_FILES = "Files of the package"
# published facts: China has had one time all year since 1991; by Directive 2000/84/EC summer time begins at 01:00 UTC
# on the last Sunday of March
_KNOWN_OFFSETS = (
    ("Asia/Shanghai", datetime(2026, 7, 1, tzinfo=UTC), timedelta(hours=8)),
    ("Europe/Berlin", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), timedelta(hours=1)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), timedelta(hours=2)),
)
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def qualify_installation(pack: Pack) -> tuple[Check, ...]:
    """Every look at the installation, in the order of the report."""
    return (_version(), _own_files(), _python(), _sqlite(), _packages(pack), _zones(), _fonts(), _platform())


def _version() -> Check:
    try:
        installed = version("celltrial")
    except PackageNotFoundError:
        installed = "no installed package of this name"
    status = Status.PASSED if installed == __version__ else Status.FAILED
    return Check(
        id="IQ-1",
        title="Version",
        status=status,
        found=f"celltrial {__version__}; the installer's list says {installed}",
        expected="both the same",
    )


def _own_files() -> Check:
    try:
        installed = distribution("celltrial")
    except PackageNotFoundError:
        return Check(id="IQ-2", title=_FILES, status=Status.NOT_RUN, found="not installed as a package")
    return check_files(installed, Path(__file__).parents[1])


def check_files(installed: Distribution, root: Path) -> Check:
    """Each file of the package in `root` against the hashes that the wheel was installed with (its RECORD)."""
    expected = "every file as it was built: SHA-256 as in the RECORD of the wheel"
    listed = dict(_recorded(installed, root))
    if not listed:
        found = f"from a checkout (editable): nothing to compare with; install the wheel at a site. {_digest(root)}"
        return Check(id="IQ-2", title=_FILES, status=Status.NOT_RUN, found=found, expected=expected)
    wrong = tuple(_compare(listed, root))
    found = f"{len(listed)} files compared, {len(wrong)} differ. {_digest(root)}"
    status = Status.FAILED if wrong else Status.PASSED
    return Check(id="IQ-2", title=_FILES, status=status, found=found, expected=expected, details=wrong[:_SHOWN])


def _recorded(installed: Distribution, root: Path) -> Iterator[tuple[Path, str]]:
    """Path and hash of each file of the package in the RECORD; none of an editable installation."""
    for file in installed.files or ():
        path = Path(str(installed.locate_file(file))).resolve()
        if file.hash is not None and file.hash.mode == "sha256" and path.is_relative_to(root.resolve()):
            yield path, file.hash.value


def _compare(listed: Mapping[Path, str], root: Path) -> Iterator[str]:
    for path, expected in listed.items():
        if not path.is_file():
            yield f"missing: {path.relative_to(root.resolve())}"
        elif urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode() != expected:
            yield f"changed: {path.relative_to(root.resolve())}"
    for path in _files(root.resolve()):
        if path not in listed:
            yield f"not of this package: {path.relative_to(root.resolve())}"


def _files(root: Path) -> Iterator[Path]:
    """What was installed; compiled files are made on the spot."""
    return (each for each in sorted(root.rglob("*")) if each.is_file() and each.suffix != ".pyc")


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(root):
        digest.update(
            f"{path.relative_to(root).as_posix()}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return f"SHA-256 over all: {digest.hexdigest()}"


def _python() -> Check:
    return Check(
        id="IQ-3",
        title="Python",
        status=Status.PASSED if sys.version_info >= (3, 11) else Status.FAILED,
        found=f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}",
        expected="CPython 3.11 or later",
    )


def _sqlite() -> Check:
    connection = sqlite3.connect(":memory:")
    options = {str(row[0]) for row in connection.execute("PRAGMA compile_options")}
    connection.close()
    mode, level = _durability()
    wrong = []
    if sqlite3.sqlite_version_info < _SQLITE_FROM:
        wrong.append("too old: the record's tables are strict (3.37)")
    if "THREADSAFE=0" in options:
        wrong.append("compiled without protection of threads (THREADSAFE=0)")
    if "OMIT_WAL" in options:
        wrong.append("compiled without a write-ahead log (OMIT_WAL)")
    if (mode, level) != ("wal", _FULL):
        wrong.append(f"a new file has journal {mode}, synchronous {level}: an acknowledged event could be lost")
    matter = sorted(each for each in options if re.match(r"THREADSAFE|OMIT|DEFAULT_(WAL_)?SYNC|SECURE_DELETE", each))
    return Check(
        id="IQ-4",
        title="SQLite",
        status=Status.FAILED if wrong else Status.PASSED,
        found=f"{sqlite3.sqlite_version}; journal {mode}, synchronous {level}; {', '.join(matter)}",
        expected="3.37 or later, threads protected, write-ahead log with synchronous=FULL",
        details=tuple(wrong),
    )


def _durability() -> tuple[str, int]:
    """What a new file on this computer answers when it is asked to be durable, as the record's store asks."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder, "try.db"))
        mode = str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        connection.execute("PRAGMA synchronous=FULL")
        level = int(connection.execute("PRAGMA synchronous").fetchone()[0])
        connection.close()
    return mode, level


def _packages(pack: Pack) -> Check:
    """What the package asks for must be there; another version than the tests ran with is said."""
    needed = {_canonical(_NAME.match(each)[0]) for each in _required()}  # type: ignore[index]  # a name stands first
    locked = _locked(pack)
    found = {name: _installed(name) for name in sorted(needed)}
    missing = tuple(f"missing: {name}" for name, there in found.items() if not there)
    other = tuple(
        f"{name}: {there}, the release was tested with {' or '.join(sorted(locked[name]))}"
        for name, there in found.items()
        if there and name in locked and there not in locked[name]
    )
    listing = ", ".join(f"{name} {there}" for name, there in found.items() if there)
    status = Status.FAILED if missing else Status.NOTED if other else Status.PASSED
    return Check(
        id="IQ-5",
        title="Packages it stands on",
        status=status,
        found=f"{len(found)} asked for, {len(missing)} missing, {len(other)} of another version than locked: {listing}",
        expected="every one there; the versions of requirements.lock are those the release was tested with",
        details=missing + other,
    )


def _required() -> list[str]:
    try:
        required = distribution("celltrial").requires or []
    except PackageNotFoundError:
        return []
    return [each for each in required if "extra ==" not in each]


def _locked(pack: Pack) -> dict[str, set[str]]:
    """The versions locked of each package: more than one where they differ by version of Python."""
    locked: dict[str, set[str]] = {}
    if pack.lock.is_file():
        for name, text in _PINNED.findall(pack.lock.read_text(encoding="utf-8")):
            locked.setdefault(_canonical(name), set()).add(text)
    return locked


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _zones() -> Check:
    wrong = []
    for key, moment, offset in _KNOWN_OFFSETS:
        try:
            found = moment.astimezone(ZoneInfo(key)).utcoffset()
        except ZoneInfoNotFoundError:
            wrong.append(f"{key}: not there")
            continue
        if found != offset:
            wrong.append(f"{key} at {moment.isoformat()}: {found}, expected {offset}")
    return Check(
        id="IQ-6",
        title="Time zones",
        status=Status.FAILED if wrong else Status.PASSED,
        found=f"{len(available_timezones())} zones; tzdata {_installed('tzdata') or 'not installed'}",
        expected="known offsets of Asia/Shanghai and Europe/Berlin, with the change of the clock on 2026-03-29",
        details=tuple(wrong),
    )


def _fonts() -> Check:
    """Fonts decide how a document looks, not what it says: what is there is said."""
    drawn = f"figures are drawn by vl-convert {_installed('vl-convert-python')} with its own fonts"
    try:
        import typst
    except ImportError:
        found = f"{drawn}; PDF documents need celltrial[documents], which is not installed"
        return Check(id="IQ-7", title="Fonts", status=Status.NOTED, found=found)
    families = [str(each) for each in typst.Fonts(include_system_fonts=True).families()]
    chinese = [each for each in families if re.search(r"CJK|Fallback|Han|Hei|Song|Ming|YaHei|PingFang", each)]
    named = ", ".join(chinese) if chinese else "none: Chinese text in PDF documents will be blank"
    found = f"{drawn}; typst {_installed('typst')} sees {len(families)} families; for Chinese: {named}"
    return Check(id="IQ-7", title="Fonts", status=Status.NOTED, found=found)


def _platform() -> Check:
    found = f"{platform.platform()}, {os.cpu_count()} processors, file names in {sys.getfilesystemencoding()}"
    return Check(id="IQ-8", title="Computer", status=Status.NOTED, found=found)
