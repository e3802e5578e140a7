"""The content hash: what a signature covers, by the canonical form that the record uses."""

import hashlib

from celltrial.record.canonical import canonical_json

__all__ = ["hash_document"]


def hash_document(document: object) -> str:
    """SHA-256 over the canonical JSON of a document of texts, whole numbers, lists and mappings."""
    return hashlib.sha256(canonical_json(document)).hexdigest()
