"""TS: the trial in a table, from the study file and the registry record it holds. What they do not say is left out."""

from collections.abc import Iterator, Mapping

from celltrial.datasets.dataset import Dataset, Row, build_dataset
from celltrial.record import TrialState
from celltrial.study import Study

__all__ = ["derive_ts"]

_TERMINOLOGY = ("CDISC CT", "2025-03-28")
# terms whose code has been checked in the terminology of 2025-03-28
_CODES: Mapping[str, str] = {"Y": "C49488", "N": "C49487", "BOTH": "C49636"}
_CODED = frozenset({"RANDOM", "HLTSUBJI", "SEXPOP"})
# the registry's words -> CDISC's
_SEXES: Mapping[str, str] = {"all": "BOTH", "female": "F", "male": "M"}
_YES_NO: Mapping[str, str] = {"f": "N", "false": "N", "no": "N", "t": "Y", "true": "Y", "yes": "Y"}
_PHASES: Mapping[str, str] = {"phase 1": "PHASE I TRIAL", "phase 2": "PHASE II TRIAL"}
_INTERVENTIONS: Mapping[str, str] = {"biological": "BIOLOGIC"}
_LABELS: Mapping[str, str] = {
    "AGEMAX": "Planned Maximum Age of Subjects",
    "AGEMIN": "Planned Minimum Age of Subjects",
    "DCUTDESC": "Data Cutoff Description",
    "DCUTDTC": "Data Cutoff Date",
    "HLTSUBJI": "Healthy Subject Indicator",
    "INTMODEL": "Intervention Model",
    "INTTYPE": "Intervention Type",
    "NARMS": "Planned Number of Arms",
    "PCLAS": "Pharmacologic Class",
    "PLANSUB": "Planned Number of Subjects",
    "RANDOM": "Trial is Randomized",
    "REGID": "Registry Identifier",
    "SDTIGVER": "SDTM IG Version",
    "SDTMVER": "SDTM Version",
    "SEXPOP": "Sex of Participants",
    "SPONSOR": "Clinical Study Sponsor",
    "SSTDTC": "Study Start Date",
    "STYPE": "Study Type",
    "TITLE": "Trial Title",
    "TPHASE": "Trial Phase Classification",
    "TRT": "Investigational Therapy or Treatment",
    "TTYPE": "Trial Type",
}


def derive_ts(study: Study, state: TrialState) -> Dataset:
    """Trial summary. A parameter that neither study file nor registry record gives is left out; none is made up.

    INTMODEL is SEQUENTIAL: one arm a dose level, one level after the other. TTYPE follows the record's stated aims.
    """
    return build_dataset("TS", list(_rows(study, _values(study) | _cut(study, state))))


def _rows(study: Study, values: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    for code, texts in values.items():
        for number, value in enumerate((text for text in texts if text), start=1):
            yield {
                "STUDYID": study.id,
                "DOMAIN": "TS",
                "TSSEQ": number,
                "TSPARMCD": code,
                "TSPARM": _LABELS[code],
                "TSVAL": value,
            } | _reference(code, value)


def _reference(code: str, value: str) -> Row:
    """The code of a value and the dictionary it is of."""
    if code == "REGID":
        return {"TSVALCD": value, "TSVCDREF": "ClinicalTrials.gov"}
    if code in _CODED and value in _CODES:
        return {"TSVALCD": _CODES[value], "TSVCDREF": _TERMINOLOGY[0], "TSVCDVER": _TERMINOLOGY[1]}
    return {}


def _values(study: Study) -> dict[str, tuple[str, ...]]:
    product = study.product
    return {
        "TITLE": (study.title,),
        "REGID": (study.registry_id,),
        "SDTIGVER": ("3.4",),
        "SDTMVER": ("2.0",),
        "NARMS": (str(len(study.levels)),),
        "PLANSUB": (str(study.escalation.max_participants),),
        "TRT": (product.name.upper(),),
        "PCLAS": (f"{'/'.join(product.targets)}-directed {product.kind}".upper(),),
        "INTMODEL": ("SEQUENTIAL",),
        "RANDOM": ("N",),
        "TTYPE": ("SAFETY", "TOLERABILITY", "DOSE FINDING", "PHARMACOKINETIC"),
        **_from_registry(study.registry),
    }


def _from_registry(registry: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """What the registry record says, in CDISC's terms; blank where it says nothing."""

    def said(*path: str) -> str:
        value: object = registry
        for key in path:
            value = value.get(key, "") if isinstance(value, Mapping) else ""
        return str(value)

    ages = {name: said("eligibility", f"{limit}_age") for name, limit in (("AGEMIN", "minimum"), ("AGEMAX", "maximum"))}
    intervention = said("intervention_type")
    values: dict[str, tuple[str, ...]] = {name: (f"P{age}Y" if age.isdigit() else "",) for name, age in ages.items()}
    return values | {
        "TPHASE": (_PHASES.get(said("phase").lower(), ""),),
        "SEXPOP": (_SEXES.get(said("eligibility", "sex").lower(), ""),),
        "HLTSUBJI": (_YES_NO.get(said("eligibility", "healthy_volunteers").lower(), ""),),
        "STYPE": (said("study_type").upper(),),
        "INTTYPE": (_INTERVENTIONS.get(intervention.lower(), intervention.upper()),),
        "SSTDTC": (said("dates", "start"),),
        "SPONSOR": (said("sponsors", "lead"),),
    }


def _cut(study: Study, state: TrialState) -> dict[str, tuple[str, ...]]:
    if state.as_of is None:
        return {}
    day = state.as_of.astimezone(study.site.zone).date().isoformat()
    return {"DCUTDTC": (day,), "DCUTDESC": ("Everything recorded by the data cutoff date",)}
