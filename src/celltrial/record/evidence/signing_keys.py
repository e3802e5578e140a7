"""The private keys that sign checkpoints: PEM files (PKCS #8) that only their owner can read, outside the study folder.

A key's file is named after the record and the key's id, so that a rotation leaves the old file where it is. A file
that others can read or replace is refused: whoever has the key can sign another history.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from celltrial.errors import Finding, InputError, RefusedError
from celltrial.record.evidence.signed_note import VerifierKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["SigningKey", "create_key", "key_path", "load_key", "require_private", "simulated_key"]

_OWNER_ONLY = 0o600
_FOLDER_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key in memory, with the public key that checks what it signs."""

    verifier: VerifierKey
    private: "Ed25519PrivateKey"

    def sign(self, text: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature."""
        return self.private.sign(text)


def key_path(folder: Path, key: VerifierKey) -> Path:
    """Where the private key of a public key is kept.

    >>> from celltrial.record.evidence.signed_note import VerifierKey
    >>> key_path(Path("keys"), VerifierKey(name="celltrial/CT1192/5f0c", public=bytes(32))).name
    'celltrial-CT1192-5f0c-8de487df.pem'
    """
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]', '-', key.name)}-{key.id.hex()}.pem"


def create_key(folder: Path, name: str, *, passphrase: bytes | None = None) -> SigningKey:
    """Make a key and write its file into `folder`, which is made if it is not there. Raises InputError where it cannot.

    name: the record's origin. passphrase: encrypts the file; without one its mode is all that protects it.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = _with_verifier(Ed25519PrivateKey.generate(), name)
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    path = key_path(folder, key.verifier)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_OWNER_ONLY)
        # O_EXCL: never over another key, and never through a link that somebody has put there
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(Finding(message="the key cannot be written", found=f"{path}: {error.strerror}")) from None
    return key


def load_key(folder: Path, key: VerifierKey, *, passphrase: bytes | None = None) -> SigningKey | None:
    """The private key of a public key, or None where its file is not in `folder`.

    Raises RefusedError where others can read or replace the file; InputError where it cannot be read (a passphrase is
    missing or wrong) or holds another key.
    """
    path = key_path(folder, key)
    if not path.is_file():
        return None
    require_private(path)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(path.read_bytes(), password=passphrase)
    except (OSError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise InputError(
            Finding(
                message="the checkpoint key cannot be read",
                found=f"{path}: {error}",
                expected="an Ed25519 key in PEM (PKCS #8); with its passphrase, if it has one",
                next_step="give the passphrase in CELLTRIAL_KEY_PASSPHRASE",
            )
        ) from None
    loaded = _with_verifier(private, key.name) if isinstance(private, Ed25519PrivateKey) else None
    if loaded is None or loaded.verifier != key:
        raise InputError(Finding(message="the file holds another key", found=str(path), expected=key.fingerprint))
    return loaded


def require_private(path: Path) -> None:
    """Raise RefusedError where others than its owner can read or write the key's file, or replace it."""
    if os.name != "posix":
        return
    for place, allowed in ((path, 0), (path.parent, stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)):
        mode = stat.S_IMODE(place.stat().st_mode)
        if mode & 0o077 & ~allowed:
            wanted = "700" if place.is_dir() else "600"
            raise RefusedError(
                Finding(
                    message="others can read or replace the checkpoint key",
                    found=f"{place}: mode {mode:o}",
                    expected=f"mode {wanted}: its owner alone",
                    rule="docs/evidence.md, Keys",
                    next_step=f"chmod {wanted} {place}; may it have been copied: celltrial key retire --compromised",
                )
            )


def simulated_key(name: str, seed: str) -> SigningKey:
    """The key of a simulated record: anybody can compute it from the seed, so it proves nothing."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = hashlib.sha256(f"simulated record, a key that proves nothing\n{name}\n{seed}".encode()).digest()
    return _with_verifier(Ed25519PrivateKey.from_private_bytes(secret), name)


def _with_verifier(private: "Ed25519PrivateKey", name: str) -> SigningKey:
    verifier = VerifierKey(name=name, public=private.public_key().public_bytes_raw())
    return SigningKey(verifier=verifier, private=private)
