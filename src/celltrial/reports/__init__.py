"""Reports: tables, figures and documents, laid out before data exist and filled from one state of the record.

layout.py and shells.py hold what will be shown; sections/ what fills it; figures/ the charts; page.py the HTML;
document.py the committee's report and src_package.py one package a dose decision. May import analyses and decisions;
nothing below the simulator imports it.
"""

from celltrial.reports.document import write_report
from celltrial.reports.shells import lay_out
from celltrial.reports.src_package import write_src_package

__all__ = ["lay_out", "write_report", "write_src_package"]
