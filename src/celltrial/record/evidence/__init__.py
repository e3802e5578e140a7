"""Evidence outside the record: signed checkpoints, the keys that sign them, proofs, and what they show.

tree.py is the Merkle tree, signed_note.py and checkpoints.py the signed text, signing_keys.py and key_history.py the
keys, folder.py where checkpoints lie, comparison.py what they say of a record, automatic.py when they are made, and
bundle.py what an inspector is given.
"""

__all__: list[str] = []
