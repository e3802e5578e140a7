"""The seal of a study version: what each line of the study files was when the version was approved.

A file can be well formed and still not be the protocol: a clause of the DLT rule left out, a window widened. The seal
names every line that differs from the approved version until the study is given a new `version` of its own, as an
amendment would be (ICH E6(R3) 4.3.4: the trial-specific configuration is validated and released). Lines of comment do
not count. `celltrial check STUDY --seal` writes it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from celltrial.errors import Finding, Source
from celltrial.study.files import RECORD_TEXT, STUDY_FILES
from celltrial.study.place import names_database

__all__ = ["SEAL_FILE", "check_seal", "render_seal", "write_seal"]

SEAL_FILE = "seal.json"


def render_seal(texts: Mapping[str, str], version: str) -> str:
    """The seal of these texts under this version, as the text of `seal.json`."""
    files = {name: [_mark(line) for _, line in _content(name, texts[name])] for name in STUDY_FILES}
    return json.dumps({"version": version, "files": files}, indent=0) + "\n"


def write_seal(folder: Path, texts: Mapping[str, str], version: str) -> Path:
    """Write `seal.json` into the study folder."""
    path = folder / SEAL_FILE
    path.write_text(render_seal(texts, version), encoding="utf-8", newline="\n")
    return path


def check_seal(texts: Mapping[str, str], version: str, seal: str) -> tuple[Finding, ...]:
    """Each line that differs from the sealed version; none where the study has been given another version."""
    try:
        sealed = json.loads(seal)
        sealed_version, marks = str(sealed["version"]), {name: list(sealed["files"][name]) for name in STUDY_FILES}
    except (ValueError, KeyError, TypeError):
        return (
            Finding(
                message="the seal cannot be read",
                source=Source(file=SEAL_FILE, line=1),
                next_step="seal the version again: celltrial check STUDY --seal",
            ),
        )
    if sealed_version != version:
        return ()
    return tuple(
        finding for name in STUDY_FILES for finding in _differences(name, texts[name], marks[name], sealed_version)
    )


def _differences(name: str, text: str, marks: Sequence[str], version: str) -> Iterator[Finding]:
    lines = _content(name, text)
    last = lines[-1][0] if lines else 1
    now = [_mark(line) for _, line in lines]
    for change, start, end, first, until in SequenceMatcher(None, marks, now, autojunk=False).get_opcodes():
        if change == "equal":
            continue
        changed = lines[first:until]
        number = changed[0][0] if changed else (lines[first][0] if first < len(lines) else last)
        missing = (end - start) - len(changed)
        found = changed[0][1].strip() if changed else f"{missing} line{'s' if missing > 1 else ''} missing before this"
        yield Finding(
            message=f"not what version {version!r} of the study says here",
            source=Source(file=name, line=number),
            found=found[:160],
            expected=f"the line as it was sealed with version {version!r}",
            rule="a change of the protocol is a new version of the study (docs/study-files.md, The seal)",
            next_step="undo the change; or, where it is meant, give study.yaml another `version` and seal that",
        )


def _content(name: str, text: str) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers; in the registry record every line does."""
    return [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
        and not names_database(name, line)
        and (name == RECORD_TEXT or not line.lstrip().startswith("#"))
    ]


def _mark(line: str) -> str:
    return hashlib.sha256(line.rstrip().encode("utf-8")).hexdigest()[:12]
