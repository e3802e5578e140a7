"""The study files as texts, and each text on its own read into nodes and held against its specification."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from celltrial.errors import CelltrialError, Finding, InputError, Source, StudyError
from celltrial.study.files import ELIGIBILITY, STUDY_FILES, specifications
from celltrial.study.nodes import Node, Table, locate, parse_nodes, to_plain
from celltrial.study.schema import check_node

__all__ = ["FileRead", "read_file", "read_study_texts", "require_folder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """One file as far as it could be read. `criteria` is what `eligibility` makes of its own file, or None.

    `is_yaml` is False where an entry cannot be read.
    """

    node: Node
    is_yaml: bool
    findings: tuple[Finding, ...]
    criteria: object = None


def require_folder(folder: Path) -> Path:
    """The folder itself. Raises InputError where there is none: a wrong path is no study with seven files missing."""
    if not folder.is_dir():
        raise InputError(
            Finding(
                message="no such study folder",
                found=str(folder),
                expected="a folder with " + ", ".join(STUDY_FILES),
                next_step="give the folder of a study, or make one with `celltrial new DIR --from ct1192`",
            )
        )
    return folder


def read_study_texts(folder: Path) -> Mapping[str, str]:
    """The text of each study file by name. Raises StudyError naming every file that is missing or not UTF-8."""
    texts: dict[str, str] = {}
    findings = []
    for name in STUDY_FILES:
        try:
            texts[name] = (folder / name).read_bytes().decode("utf-8")
        except OSError:
            findings.append(_unreadable(name, folder, "no such file"))
        except UnicodeDecodeError as error:
            findings.append(_unreadable(name, folder, f"a byte that is not UTF-8 at position {error.start}"))
    if findings:
        raise StudyError(findings)
    return texts


# a study is checked again and again while one of its files is being written
@lru_cache(maxsize=64)
def read_file(name: str, text: str) -> FileRead:
    """One YAML file of a study: its nodes, and what is wrong with it by itself."""
    node, syntax = parse_nodes(text, name)
    if name == ELIGIBILITY and syntax:
        return FileRead(node=node, is_yaml=False, findings=syntax)
    if name == ELIGIBILITY:
        criteria, findings = _parse_eligibility(node)
    else:
        criteria, findings = None, tuple(check_node(node, specifications()[name], ""))
    return FileRead(node=node, is_yaml=not syntax, findings=syntax + findings, criteria=criteria)


def _parse_eligibility(node: Node) -> tuple[object, tuple[Finding, ...]]:
    # only where criteria are read: the room is large, and `celltrial` must start at once
    from celltrial.eligibility import parse_criteria

    raw = to_plain(node)
    if not isinstance(node, Table) or not isinstance(raw, Mapping):
        problem = Finding(message="not a table of criteria", source=node.source, expected="`criteria:`, `inclusion:`")
        return None, (problem,)
    try:
        return parse_criteria(raw, locate=lambda path: locate(node, path)), ()
    except CelltrialError as error:
        return None, tuple(error.findings)


def _unreadable(name: str, folder: Path, found: str) -> Finding:
    return Finding(
        message=f"the study file {name} cannot be read",
        source=Source(file=name),
        where=str(folder),
        found=found,
        expected="a study folder with " + ", ".join(STUDY_FILES),
        next_step="put the file there, or make a new folder with `celltrial new DIR --from ct1192`",
    )
