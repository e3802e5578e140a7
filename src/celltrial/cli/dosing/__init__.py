"""`celltrial dose`, one module a command: tables, operating characteristics, pathways, fits, the next dose, comparison.

options.py holds what the commands share: the options that name a design, and how a design is built from them.
"""

__all__: list[str] = []
