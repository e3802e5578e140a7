"""The section "Disease activity" of the committee's report: what it will show, and the columns of its tables."""

from celltrial.reports.layout import Column, FigureShell, SectionShell, TableShell, list_columns
from celltrial.study import Study

__all__ = ["lay_out_disease", "response_visits", "time_columns"]


def response_visits(study: Study) -> tuple[str, ...]:
    """The visits after the infusion at which SLEDAI-2K is due, in order: the columns of "Response by visit"."""
    return tuple(
        str(visit.id)
        for visit in study.visits
        if visit.anchor == "infusion" and visit.day > 1 and "sledai_2k" in {str(form) for form in visit.forms}
    )


def time_columns(study: Study) -> dict[str, str]:
    """Parameter of ADTTE -> the heading of its column."""
    points = study.response.sri.points
    return {
        "TTDORIS": "DORIS",
        "TTLLDAS": "LLDAS",
        f"TTSRI{points}": f"SRI-{points}",
        "DURDORIS": "DORIS lasted",
        "FFSSFI": "Flare-free",
        "TFS": "Treatment-free",
    }


def lay_out_disease(study: Study, doses: tuple[Column, ...]) -> SectionShell:
    """The section of disease activity and response; doses: the columns of the dose levels."""
    return SectionShell(
        id="disease",
        title="Disease activity",
        question="How did the disease respond, for how long, on which glucocorticoid, and where is it not known?",
        items=(
            FigureShell(
                id="sledai-courses",
                title="SLEDAI-2K, individual courses",
                reading="Open symbols at the foot: assessed but not evaluable. Lines join evaluable scores only.",
            ),
            TableShell(
                id="sledai-visits",
                title="SLEDAI-2K by visit",
                columns=(Column(label="Visit"), *doses),
                notes=("Median (range). A missing assessment is counted as missing, never as no change.",),
            ),
            *_lay_out_responses(study, doses),
        ),
    )


def _lay_out_responses(study: Study, doses: tuple[Column, ...]) -> tuple[FigureShell | TableShell, ...]:
    visits = tuple(Column(label=visit, kind="count") for visit in response_visits(study))
    return (
        FigureShell(
            id="response-grid",
            title="Response of each participant",
            reading="Full square: met. Ring: not met. Question mark: not known. Dash: the baseline allows no such "
            "response. Blank: no assessment.",
        ),
        TableShell(
            id="response-visits",
            title="Response by visit",
            columns=(Column(label="Response, level"), *visits),
            notes=(
                "Responders of those who could be judged; below: infused participants who could not be, for "
                "whatever reason (on hover). Total: with the exact 95 % interval (Clopper-Pearson).",
            ),
        ),
        FigureShell(
            id="glucocorticoid-courses",
            title="Glucocorticoid at each visit",
            reading="Systemic, whatever it was given for, in mg of prednisone a day. Open symbols at the foot: "
            "the dose is not known exactly. Lines join visits: a dose between them is not drawn.",
        ),
        TableShell(
            id="first-response",
            title="Time to response, and survival free of flare and of treatment",
            columns=list_columns("Participant", "Level", *time_columns(study).values()),
            notes=(
                "Days since infusion; of remission from its first visit. >: censored there. –: not estimable, the "
                "reason on hover. Flare: by the SELENA flare index. Treatment: restart of an immunosuppressant or "
                "biologic for lupus, or more glucocorticoid; antimalarials and steps down do not count.",
            ),
        ),
        TableShell(
            id="time-summary",
            title="Times by dose level",
            columns=(Column(label=""), *doses),
            notes=("Events of those with a time; median by Kaplan-Meier, where half have had the event.",),
        ),
    )
