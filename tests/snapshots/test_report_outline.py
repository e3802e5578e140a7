"""The report's outline before any data exist; a change here is a change of what the committee gets to read."""

from celltrial.reports import lay_out
from celltrial.reports.layout import TableShell, number_shells
from small_trial import ct1192


def test_outline(snapshot):
    """Sections, their questions, tables with their columns, figures, in order."""
    sections = lay_out(ct1192())
    numbers = number_shells(sections)
    lines = []
    for number, section in enumerate(sections, start=1):
        lines.append(f"{number}. {section.title} - {section.question}")
        for item in section.items:
            lines.append(f"   {numbers[item.id]}: {item.title}")
            if isinstance(item, TableShell):
                lines.append("      " + " | ".join(column.label for column in item.columns))
    assert "\n".join(lines) == snapshot
