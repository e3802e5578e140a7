"""The doctor: is this machine a safe place for the record, and is the record well kept? Facts are read, then judged.

machine.py and database.py read facts, judge_*.py judge them and touch nothing, examine.py does both for a study folder.
"""

from celltrial.decisions.doctor.examine import examine
from celltrial.decisions.doctor.findings import Check, Outcome

__all__ = ["Check", "Outcome", "examine"]
