"""PP: kinetic parameters of each profile; one that is not estimable is NOT DONE, with the reason."""

from collections.abc import Mapping

from celltrial.datasets.context import Casebook, number_rows, open_casebook
from celltrial.datasets.dataset import Dataset, Row, build_dataset, read_table
from celltrial.datasets.nca_options import nca_options
from celltrial.datasets.profiles import SampledProfile, derive_profiles
from celltrial.datasets.results import format_value, round_off
from celltrial.datasets.sdtm.relrec import profile_group
from celltrial.datasets.terms import analyte_term, cdisc_unit, term
from celltrial.kinetics import Estimate
from celltrial.record import TrialState
from celltrial.study import Study

__all__ = ["derive_pp", "parameter_unit"]


def derive_pp(study: Study, state: TrialState) -> Dataset:
    """Non-compartmental parameters of every profile, by actual times, with the options of the study file."""
    book = open_casebook(study, state)
    rows = [
        _row(book, profile, parameter)
        for profile in derive_profiles(book, nca_options(study))
        for parameter in read_table("kinetics")
        if parameter["parameter"] in profile.nca.parameters
    ]
    return build_dataset("PP", number_rows(rows, "PPSEQ", ("PPCAT", "PPTESTCD", "PPENINT")))


def parameter_unit(unit: str, concentration: str) -> str | None:
    """The unit of a parameter, from its pattern in `metadata/kinetics.csv`.

    >>> parameter_unit("day*conc", "copies/ug"), parameter_unit("", "copies/ug")
    ('day*copies/ug', None)
    """
    return unit.replace("conc", concentration) or None


def _row(book: Casebook, profile: SampledProfile, parameter: Mapping[str, str]) -> Row:
    name, _ = analyte_term(profile.analyte, "PC")
    result = profile.nca[parameter["parameter"]]
    unit = parameter_unit(parameter["unit"], cdisc_unit(profile.unit) or "")
    row = book.base(profile.case, "PP") | {
        "PPTESTCD": parameter["testcd"],
        "PPTEST": parameter["test"],
        "PPGRPID": profile_group(name.testcd, profile.specimen, profile.infusion),
        "PPCAT": name.test,
        "PPSPEC": term("specimen", profile.specimen),
        "PPTPT": "PROFILE FROM THE INFUSION",
        "PPTPTNUM": float(profile.infusion),
        "PPTPTREF": "FIRST INFUSION" if profile.infusion == 1 else f"INFUSION {profile.infusion}",
        "PPRFTDTC": profile.infused.iso,
        "PPSTINT": parameter["stint"] or None,
        "PPENINT": parameter["enint"] or None,
        "EVENTSEQ": profile.entries[0].seq,
        "EVENTSEQS": [entry.seq for entry in profile.entries],
    }
    if not isinstance(result, Estimate):
        return row | {"PPSTAT": "NOT DONE", "PPREASND": result.reason[:200]}
    text = format_value(result.value)
    return row | {
        "PPORRES": text,
        "PPORRESU": unit,
        "PPSTRESC": text,
        "PPSTRESN": round_off(result.value),
        "PPSTRESU": unit,
    }
