"""Published tables that travel with the package: CSV with `#` lines above it that say source and licence."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["read_package_table"]


@cache
def read_package_table(package: str, name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of the file `name` that stands in `package`, as texts by column; blank cells are blank texts.

    >>> read_package_table("celltrial", "analytes.csv")[0]["analyte"]
    'creatinine'
    """
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple({column: cell or "" for column, cell in row.items()} for row in rows)
