"""A study folder read and checked, all of it at once: syntax, shape, references, criteria, trace; each with its line.

Checking takes texts, not files, so that it can be asked about a text that has not been saved.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from celltrial.errors import Finding, StudyError
from celltrial.study.asks import check_asks
from celltrial.study.build import build_study
from celltrial.study.files import ELIGIBILITY, RECORD_TEXT, STUDY_FILES
from celltrial.study.links import check_links
from celltrial.study.model import Sentence, Study
from celltrial.study.nodes import find, scalar
from celltrial.study.numbers import check_numbers
from celltrial.study.place import drop_database
from celltrial.study.read import FileRead, read_file, read_study_texts
from celltrial.study.references import check_references
from celltrial.study.seal import SEAL_FILE, check_seal, write_seal
from celltrial.study.sentences import cut_sentences
from celltrial.study.trace import check_trace, trace_sentences

__all__ = ["check_study", "check_texts", "load_study", "seal_study", "trace_study"]


def load_study(folder: Path) -> Study:
    """The study of a folder. Raises StudyError with every problem of its files, each with file and line."""
    texts = read_study_texts(folder)
    files = _read(texts)
    if findings := _check(files, texts[RECORD_TEXT]):
        raise StudyError(findings)
    nodes = {name: each.node for name, each in files.items()}
    return build_study(
        nodes,
        folder=folder,
        digest=_digest(texts),
        sentences=trace_sentences(nodes, cut_sentences(texts[RECORD_TEXT])),
        eligibility=files[ELIGIBILITY].criteria,
    )


def check_study(folder: Path) -> tuple[Finding, ...]:
    """Every problem in the files of a study folder, and where there is none, each departure from the sealed version."""
    try:
        texts = read_study_texts(folder)
    except StudyError as error:
        return tuple(error.findings)
    seal = folder / SEAL_FILE
    if (findings := check_texts(texts)) or not seal.exists():
        return findings
    return check_seal(texts, _version(texts), seal.read_text(encoding="utf-8", errors="replace"))


def seal_study(folder: Path) -> Path:
    """Seal the version of a study folder as it stands. Raises StudyError while there is any problem in its files."""
    texts = read_study_texts(folder)
    if findings := check_texts(texts):
        raise StudyError(findings)
    return write_seal(folder, texts, _version(texts))


def check_texts(texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """Every problem in the texts of the study files, by file name, in the order of files and lines."""
    return _check(_read(texts), texts[RECORD_TEXT])


def trace_study(folder: Path) -> tuple[Sentence, ...]:
    """Each sentence of the registry record with what it is bound to. A target that does not exist binds nothing.

    Raises StudyError where a file cannot be read as YAML: a sentence would seem unbound that is not.
    """
    texts = read_study_texts(folder)
    files = _read(texts)
    if not all(each.is_yaml for each in files.values()):
        raise StudyError(finding for each in files.values() for finding in each.findings)
    return trace_sentences({name: each.node for name, each in files.items()}, cut_sentences(texts[RECORD_TEXT]))


def _read(texts: Mapping[str, str]) -> Mapping[str, FileRead]:
    return {name: read_file(name, texts[name]) for name in STUDY_FILES if name != RECORD_TEXT}


def _check(files: Mapping[str, FileRead], record: str) -> tuple[Finding, ...]:
    nodes = {name: each.node for name, each in files.items()}
    findings = [finding for each in files.values() for finding in each.findings]
    # what one place says of another can be judged once every place can be read
    if all(each.is_yaml for each in files.values()):
        findings.extend(check_references(nodes))
        findings.extend(check_links(nodes, record))
        findings.extend(check_asks(nodes))
        findings.extend(check_numbers(nodes))
        findings.extend(check_trace(nodes, cut_sentences(record)))
    # the same problem seen by two checks is one problem
    return tuple(sorted(dict.fromkeys(findings), key=_place))


def _place(finding: Finding) -> tuple[int, int]:
    if finding.source is None or finding.source.file not in STUDY_FILES:
        return len(STUDY_FILES), 0
    return STUDY_FILES.index(finding.source.file), finding.source.line or 0


def _version(texts: Mapping[str, str]) -> str:
    return scalar(find(_read(texts)["study.yaml"].node, "study", "version"))


def _digest(texts: Mapping[str, str]) -> str:
    """SHA-256 over names and bytes of the study files in the order of their names; the record is not among them."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        content = drop_database(name, texts[name]).encode("utf-8")
        # lengths are hashed too: no two sets of files run together into the same bytes
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
