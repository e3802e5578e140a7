"""Files of a hospital's laboratory: read by a mapping profile, held against the record, shown, and written.

profile.py and profile_file.py say how a laboratory writes; table.py, cells.py, rows.py and links.py read; known.py,
duplicates.py, visits.py, limits.py and plausible.py hold a result against the record; judge.py gives each row its
fate, plan.py counts them, writing.py appends.
"""

from celltrial.record.laboratory.judge import plan_laboratory_file
from celltrial.record.laboratory.known import show_canonical
from celltrial.record.laboratory.links import parse_links, read_links
from celltrial.record.laboratory.plan import Fate, LabPlan, PlannedRow, Reconciliation, mark_refused
from celltrial.record.laboratory.profile import LabProfile, parse_profile, read_profile
from celltrial.record.laboratory.writing import (
    LabImported,
    import_laboratory_file,
    preview_laboratory_file,
    write_plan,
)

__all__ = [
    "Fate",
    "LabImported",
    "LabPlan",
    "LabProfile",
    "PlannedRow",
    "Reconciliation",
    "import_laboratory_file",
    "mark_refused",
    "parse_links",
    "parse_profile",
    "plan_laboratory_file",
    "preview_laboratory_file",
    "read_links",
    "read_profile",
    "show_canonical",
    "write_plan",
]
