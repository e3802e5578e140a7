"""celltrial: run an early-phase cell-therapy trial from its protocol.

The map of the house is in the README; each folder's own docstring says what it holds and what it may import.
"""

__all__ = ["__version__"]

__version__ = "0.2.0"
