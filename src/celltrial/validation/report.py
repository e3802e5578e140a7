"""A validation, written: validation.json, validation-report.html, junit.xml beside them, and the manifest over all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from celltrial.record.evidence.signing_keys import SigningKey
from celltrial.validation.document import Occasion, render_html, to_document
from celltrial.validation.judging import Qualification
from celltrial.validation.sealing import write_manifest

__all__ = ["JUNIT", "Report", "write_validation"]

_DOCUMENT, _PAGE, JUNIT = "validation.json", "validation-report.html", "junit.xml"
_MEANING = "I ran this validation as it is described here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was written: the folder, the page in it, and the document."""

    folder: Path
    page: Path
    document: Mapping[str, object]
    key: str


def write_validation(
    qualification: Qualification, occasion: Occasion, folder: Path, *, key: SigningKey | None = None
) -> Report:
    """Write the report into the folder, which is made where it is not there; `junit.xml` is taken as it lies there."""
    folder.mkdir(parents=True, exist_ok=True)
    document = to_document(qualification, occasion)
    data = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    (folder / _DOCUMENT).write_bytes(data)
    seal = _seal(occasion, key)
    page = render_html(document, document_hash=hashlib.sha256(data).hexdigest(), seal=seal)
    (folder / _PAGE).write_text(page, encoding="utf-8", newline="\n")
    names = [name for name in (_DOCUMENT, _PAGE, JUNIT) if (folder / name).is_file()]
    write_manifest(folder, names, seal=seal, key=key)
    return Report(folder=folder, page=folder / _PAGE, document=document, key=seal["key"])


def _seal(occasion: Occasion, key: SigningKey | None) -> dict[str, str]:
    if key is None:
        return {"state": "unsigned", "key": "", "public_key": "", "signed_by": "", "signed_at": "", "meaning": ""}
    return {
        "state": "signed",
        "key": key.verifier.fingerprint,
        "public_key": str(key.verifier),
        "signed_by": occasion.printed_name or occasion.person,
        "signed_at": occasion.ended_at.isoformat(timespec="seconds"),
        "meaning": _MEANING,
    }
