"""The stand-alone verifier: one file, Python's standard library only, shipped with every export.

Nothing in this program imports it; it is copied beside what an inspector is given (record/evidence/bundle.py).
"""

__all__: list[str] = []
