"""The manifest of a report: a hash of each of its files, and an Ed25519 signature over them where a key was given.

`manifest.json` is canonical JSON apart from its signature: the signed bytes are the document without `signature`, keys
sorted, no blanks (`record.canonical_json`). Whoever holds the public key can check it; without a signature the hashes
show accidents only, for whoever changes a file can write its hash anew.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from celltrial.errors import Finding, InputError
from celltrial.record import canonical_json
from celltrial.record.evidence.signed_note import VerifierKey, is_signed_by, parse_key
from celltrial.record.evidence.signing_keys import SigningKey, require_private

__all__ = ["MANIFEST", "Sealed", "check_report", "read_key", "read_public", "write_manifest"]

MANIFEST = "manifest.json"
_FORMAT = "celltrial-validation-manifest-1"
_NAME = "celltrial/validation"


def read_key(path: Path, *, passphrase: bytes | None = None) -> SigningKey:
    """A private Ed25519 key in PEM (PKCS #8), as `celltrial key` and openssl write it.

    Raises InputError where it is none, or its passphrase is missing; RefusedError where others can read the file.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        require_private(path)
        private = load_pem_private_key(path.read_bytes(), password=passphrase)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(_no_key(path, str(error))) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise InputError(_no_key(path, type(private).__name__))
    return SigningKey(verifier=VerifierKey(name=_NAME, public=private.public_key().public_bytes_raw()), private=private)


def read_public(path: Path, *, passphrase: bytes | None = None) -> VerifierKey:
    """The public key that a file holds: as text (the line that a report prints), or the private key it belongs to."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_no_key(path, str(error))) from None
    return read_key(path, passphrase=passphrase).verifier if "PRIVATE KEY" in text else parse_key(text)


def _no_key(path: Path, found: str) -> Finding:
    return Finding(
        message="the key cannot be used",
        where=str(path),
        found=found,
        expected="a private Ed25519 key in PEM; with its passphrase in CELLTRIAL_KEY_PASSPHRASE, if it has one",
        next_step="make one: openssl genpkey -algorithm ed25519 -out validation.pem && chmod 600 validation.pem",
    )


def write_manifest(folder: Path, names: Sequence[str], *, seal: Mapping[str, str], key: SigningKey | None) -> Path:
    """Write the hashes of these files of the folder, and the signature over them where there is a key."""
    document: dict[str, object] = {
        "format": _FORMAT,
        "files": {name: _hash(folder / name) for name in names},
        "seal": dict(seal),
    }
    if key is not None:
        document["public_key"] = str(key.verifier)
        document["signature"] = base64.b64encode(key.sign(_signed(document))).decode()
    path = folder / MANIFEST
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a check of a report found: whether it is whole, whether it is signed, and by which key."""

    findings: tuple[Finding, ...]
    public: VerifierKey | None
    seal: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings


def check_report(folder: Path, *, expected: VerifierKey | None = None) -> Sealed:
    """Check every hash of a report, and its signature.

    Args:
        expected: The public key that must have signed; None: whichever is in the manifest, or none.
    Raises:
        InputError: there is no manifest that can be read.
    """
    document = _read(folder)
    files, seal = document["files"], document["seal"]
    assert isinstance(files, dict)
    assert isinstance(seal, dict)
    findings = [_changed(folder / name) for name, digest in files.items() if _hash(folder / name) != digest]
    findings += [
        Finding(message="a file of the report is not in its manifest", where=str(folder / name))
        for name in ("validation.json", "validation-report.html")
        if name not in files
    ]
    public: VerifierKey | None = None
    if "signature" in document:
        public = parse_key(str(document.get("public_key")))
        if not is_signed_by(_signed(document), _decode(document["signature"]), public):
            findings.append(Finding(message="the signature does not fit the manifest", where=str(folder / MANIFEST)))
    if expected is not None and public != expected:
        found = "unsigned" if public is None else public.fingerprint
        findings.append(Finding(message="not signed by this key", found=found, expected=expected.fingerprint))
    return Sealed(findings=tuple(findings), public=public, seal={str(key): str(value) for key, value in seal.items()})


def _read(folder: Path) -> dict[str, object]:
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != _FORMAT or not isinstance(document["files"], dict):
            raise ValueError("another format")
        document.setdefault("seal", {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = f"{path}: {error}"
        next_step = "name the folder that `celltrial validate -o DIR` wrote"
        raise InputError(Finding(message="there is no report here", found=found, next_step=next_step)) from None
    checked: dict[str, object] = document
    return checked


def _changed(path: Path) -> Finding:
    state = "changed since the report was made" if path.is_file() else "missing"
    return Finding(message="a file of the report is not as it was written", where=str(path), found=state)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _signed(document: Mapping[str, object]) -> bytes:
    return canonical_json({key: value for key, value in document.items() if key != "signature"})


def _decode(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError:
        return b""
