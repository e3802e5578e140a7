"""The sections of the committee's report, one function each: what will be shown, before there is anything to show."""

from typing import TypeAlias

from celltrial.reports.layout import Column, FigureShell, SectionShell, TableShell, criteria_of, list_columns
from celltrial.reports.shells_disease import lay_out_disease
from celltrial.reports.shells_kinetics import lay_out_cell_response
from celltrial.reports.shells_toxicity import lay_out_cell_toxicity
from celltrial.study import Study

__all__ = ["lay_out"]

Doses: TypeAlias = tuple[Column, ...]


def lay_out(study: Study) -> tuple[SectionShell, ...]:
    """The sections of the committee's report, in order."""
    labels = (*(str(level.id) for level in study.levels), "Total")
    doses = tuple(Column(label=label, kind="count") for label in labels)
    return (
        _lay_out_summary(study),
        _lay_out_flow(),
        _lay_out_eligibility(study),
        _lay_out_dose(),
        _lay_out_course(),
        _lay_out_adverse_events(doses),
        lay_out_cell_toxicity(doses),
        _lay_out_dlt(study, doses),
        _lay_out_kinetics(doses),
        lay_out_disease(study, doses),
        _lay_out_b_cells(),
        lay_out_cell_response(doses),
        _lay_out_laboratory(study, doses),
        _lay_out_organs(),
        _lay_out_assumptions(),
        _lay_out_provenance(),
    )


def _lay_out_summary(study: Study) -> SectionShell:
    return SectionShell(
        id="summary",
        title="What the committee must know",
        question="Where does the dose stand, what has it done to the participants, and what is proposed next?",
        items=(
            TableShell(
                id="dose-status",
                title="The dose levels at this data cut",
                columns=list_columns(
                    "Level", "CAR+ T cells", "Infused", "Evaluable", "DLT", "Upper bound", "Status", source=False
                ),
                notes=(
                    "DLT: dose-limiting toxicities of evaluable participants, as adjudicated.",
                    "Upper bound: exact one-sided 95 % confidence bound of the DLT rate; the rate "
                    f"could be as high as this. The design's target is {100 * study.escalation.target:.0f} %.",
                ),
            ),
        ),
    )


def _lay_out_flow() -> SectionShell:
    return SectionShell(
        id="flow",
        title="Participants",
        question="Who consented, who was treated, and where is everyone now?",
        items=(
            FigureShell(
                id="flow",
                title="Participant flow",
                reading="Everyone who consented is counted; one who fails two criteria is listed under both.",
            ),
            TableShell(
                id="exposure",
                title="Participants infused: planned and actual dose",
                columns=list_columns(
                    "Participant",
                    "Level",
                    "Infused on",
                    "Planned cells",
                    "Actual cells",
                    "% of plan",
                    "Lot",
                    "Donor",
                ),
            ),
        ),
    )


def _lay_out_eligibility(study: Study) -> SectionShell:
    verdicts = tuple(
        Column(label=criterion, kind="verdict", title=says) for criterion, says in criteria_of(study).items()
    )
    return SectionShell(
        id="eligibility",
        title="Eligibility",
        question="Did everyone who was enrolled meet every criterion, and what is not known?",
        items=(
            TableShell(
                id="eligibility-matrix",
                title="Candidates by criterion, screening stage",
                columns=(
                    Column(label="Candidate", kind="id"),
                    *verdicts,
                    Column(label="Overall", kind="short"),
                    Column(label="Signed by the investigator", kind="short"),
                ),
                notes=(
                    "✓ met · ✗ not met · ? unknown · – not applicable. Unknown is never read as met.",
                    "The public record has inclusion criteria only; exclusion criteria are not public.",
                ),
            ),
            TableShell(
                id="eligibility-reasons",
                title="Why not met, or unknown",
                columns=list_columns("Candidate", "Criterion", "Verdict", "Reasons", "Needed", ids=2),
            ),
        ),
    )


def _lay_out_dose() -> SectionShell:
    return SectionShell(
        id="dose",
        title="Dose decisions",
        question="Which dose was given when, what did the design propose, and who decided what?",
        items=(
            FigureShell(
                id="dose-ladder",
                title="The dose ladder over time",
                reading="Band: the level in force. Broken line: a decision of the safety review committee (SRC).",
            ),
            TableShell(
                id="decisions",
                title="Decisions of the safety review committee",
                columns=list_columns("No.", "Data cut", "Evidence", "Proposed", "Decided", "Reasons", "Signed"),
                notes=(
                    "Evidence: DLTs / evaluable at each level at the data cut that the decision rests on.",
                    "Every decision on record. Not in force: no signature of the committee stands.",
                ),
            ),
        ),
    )


def _lay_out_course() -> SectionShell:
    return SectionShell(
        id="course",
        title="Each participant's course",
        question="What happened to each participant, from lymphodepletion to this data cut?",
        items=(
            FigureShell(
                id="swimmer",
                title="Swimmer plot",
                reading="Shaded: the DLT window. After the dotted line the time axis is compressed.",
            ),
        ),
    )


def _lay_out_adverse_events(doses: Doses) -> SectionShell:
    return SectionShell(
        id="adverse-events",
        title="Adverse events",
        question="What adverse events were there, how bad, and were they related?",
        items=(
            TableShell(id="ae-summary", title="Adverse events after infusion", columns=(Column(label=""), *doses)),
            FigureShell(id="ae-grades", title="Adverse events by worst grade", reading="Each participant once a term."),
            TableShell(
                id="ae-terms",
                title="Adverse events by system organ class and term",
                columns=(Column(label="Class and term"), *doses),
                notes=("Any grade; in square brackets grade 3 or worse, where there were any.",),
            ),
            TableShell(
                id="ae-listing",
                title="Adverse events of grade 3 or worse, or serious",
                columns=list_columns(
                    "Participant", "Level", "Event", "Grade", "Days", "Serious", "Related", "DLT", "Outcome"
                ),
                notes=("DLT: the events that the adjudication names.",),
            ),
        ),
    )


def _lay_out_dlt(study: Study, doses: Doses) -> SectionShell:
    return SectionShell(
        id="dlt",
        title="Dose-limiting toxicity",
        question="How often, in whom, and what can so few participants not exclude?",
        items=(
            TableShell(id="dlt-summary", title="DLT by dose level", columns=(Column(label=""), *doses)),
            FigureShell(
                id="dlt-rates",
                title="DLT rate and its upper bound",
                reading="Symbol: observed rate. Bar: up to the one-sided 95 % upper bound (Clopper-Pearson).",
            ),
            TableShell(
                id="dlt-subjects",
                title="Adjudication, participant by participant",
                columns=list_columns("Participant", "Level", "Window", "Evaluable", "DLT", "Adjudicated", "Rationale"),
                notes=(
                    f"Window: {study.dlt.window_days} days from the first infusion. A person adjudicates; "
                    "the rule only proposes.",
                ),
            ),
        ),
    )


def _lay_out_kinetics(doses: Doses) -> SectionShell:
    return SectionShell(
        id="kinetics",
        title="Cellular kinetics",
        question="Did the cells expand, how far and for how long?",
        items=(
            FigureShell(
                id="kinetics-courses",
                title="CAR transgene in blood",
                reading="Logarithmic scale, square-root time axis. Open: below the limit of quantification.",
            ),
            TableShell(
                id="kinetics-summary",
                title="Kinetic parameters by dose level",
                columns=(Column(label="Parameter"), *doses),
                notes=("n: participants with an estimate, of those infused. CV: geometric coefficient of variation.",),
            ),
            TableShell(
                id="kinetics-subjects",
                title="Kinetic parameters, participant by participant",
                columns=list_columns(
                    "Participant",
                    "Level",
                    "Cmax",
                    "Tmax",
                    "AUC 0–28",
                    "Clast",
                    "Tlast",
                    "Half-life",
                    "Not estimable because",
                ),
            ),
        ),
    )


def _lay_out_b_cells() -> SectionShell:
    return SectionShell(
        id="b-cells",
        title="B cells",
        question="When were B cells gone, and when did they come back?",
        items=(
            FigureShell(
                id="b-cell-courses",
                title="CD19+ B cells in blood",
                reading="Logarithmic scale; open symbols: below the laboratory's limit, or zero.",
            ),
            TableShell(
                id="b-cells",
                title="Depletion and return",
                columns=list_columns(
                    "Participant", "Level", "Baseline", "Gone on day", "Back on day", "Samples", "Last sample"
                ),
            ),
        ),
    )


def _lay_out_laboratory(study: Study, doses: Doses) -> SectionShell:
    return SectionShell(
        id="laboratory",
        title="Laboratory toxicity",
        question="How far did laboratory values fall or rise after infusion?",
        items=(
            FigureShell(
                id="lab-grades",
                title="Worst laboratory grade of each participant",
                reading=f"CTCAE {study.toxicity.ctcae_version}. ↑: above the participant's own baseline. "
                "?: no result could be graded.",
            ),
            TableShell(
                id="lab-summary",
                title="Grade 3 or worse after infusion",
                columns=(Column(label="Analyte"), *doses),
                notes=(
                    "Denominator: participants with at least one graded result after infusion. In square brackets: "
                    "above their own baseline, which is taken after lymphodepletion.",
                ),
            ),
            FigureShell(id="lab-courses", title="Blood counts and organ function", reading="Individual courses."),
        ),
    )


def _lay_out_organs() -> SectionShell:
    return SectionShell(
        id="organs",
        title="Organ by organ",
        question="What happened in each organ of each participant, and was it an organ that lupus had affected?",
        items=(
            FigureShell(
                id="organ-lanes",
                title="Each organ's course",
                reading="Days since infusion, square-root scale. Bar: adverse event or episode. Stroke: laboratory "
                "grade above the own baseline. Circle: SLEDAI-2K points of the organ; at 0, the baseline.",
            ),
            TableShell(
                id="organ-worst",
                title="Worst toxicity of each organ after infusion",
                columns=list_columns(
                    "Organ",
                    "With toxicity",
                    "Worst grade",
                    "Whose",
                    "Event",
                    "Lupus active before",
                    "Of these with toxicity",
                ),
                notes=(
                    "With toxicity: participants with an event or a laboratory grade above their own baseline, of "
                    "those infused. Lupus active before: SLEDAI-2K points at baseline; –: SLEDAI-2K has no such organ.",
                ),
            ),
        ),
    )


def _lay_out_assumptions() -> SectionShell:
    return SectionShell(
        id="assumptions",
        title="What this rests on",
        question="Which of the study's rules are not public, and who has confirmed them?",
        items=(
            TableShell(
                id="questions",
                title="Questions on the wording of the registry record",
                columns=list_columns("Question", "Phrase", "Our reading", "State", "Answer"),
            ),
            TableShell(
                id="assumptions",
                title="Assumptions",
                columns=list_columns("Assumption", "About", "Value used", "Why", "State"),
            ),
        ),
    )


def _lay_out_provenance() -> SectionShell:
    return SectionShell(
        id="provenance",
        title="Provenance",
        question="Which data is this, and how can it be had again?",
        items=(
            TableShell(id="identity", title="This report", columns=list_columns("What", "Value", source=False)),
            TableShell(
                id="data-quality",
                title="State of the data",
                columns=list_columns("What", "Found", source=False),
                notes=("As the record stood at this data cut; ≠: would come out otherwise today, =: look again.",),
            ),
            TableShell(
                id="corrections",
                title="Corrections since the data cut of the last decision",
                columns=list_columns("Event", "What was corrected", "Reason", "By", "When", source=False),
                notes=("A correction is a new event with its reason; what was first written stays in the record.",),
            ),
        ),
    )
