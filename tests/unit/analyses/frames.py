"""A trial small enough to be counted by hand: five infused at two levels, three others; ADaM columns, nothing computed.

01-001, 01-002  DL1  evaluable, no DLT          01-004  DL2  evaluable, DLT (ALT)
01-003          DL1  left on day 10, not evaluable   01-005  DL2  window open
01-006  screen failure     01-007  in screening     01-008  lymphodepleted, not infused yet
"""

from datetime import date

import polars as pl


def usubjid(number: int) -> str:
    """The USUBJID of candidate `number`."""
    return f"CT1192-01-{number:03d}"


_ADSL = {
    "USUBJID": pl.String,
    "TRT01A": pl.String,
    "TRT01AN": pl.Int64,
    "DOSE01P": pl.Float64,
    "DOSE01A": pl.Float64,
    "LDSTDT": pl.Date,
    "TRTSDT": pl.Date,
    "EOSDT": pl.Date,
    "EOSSTT": pl.String,
    "DCSREAS": pl.String,
    "ENRLFL": pl.String,
    "SAFFL": pl.String,
    "DLTEVLFL": pl.String,
    "DLTFL": pl.String,
    "LOT": pl.String,
    "DONOR": pl.String,
    "EVENTSEQ": pl.Int64,
    "EVENTSEQS": pl.List(pl.Int64),
}


def adsl() -> pl.DataFrame:
    """One row a candidate."""
    infused = date(2026, 1, 10)
    lymphodepletion = date(2026, 1, 5)
    treated = {"LDSTDT": lymphodepletion, "TRTSDT": infused, "ENRLFL": "Y", "SAFFL": "Y", "LOT": "L1", "DONOR": "D1"}
    untreated = {"SAFFL": "N", "DLTEVLFL": "", "DLTFL": ""}
    dl1 = {"TRT01A": "DL1", "TRT01AN": 1, "DOSE01P": 3.0e8, "DOSE01A": 2.7e8}
    dl2 = {"TRT01A": "DL2", "TRT01AN": 2, "DOSE01P": 4.5e8, "DOSE01A": 4.5e8}
    ongoing = {"EOSSTT": "ONGOING"}
    left = {"EOSSTT": "DISCONTINUED", "EOSDT": date(2026, 1, 19), "DCSREAS": "WITHDRAWAL BY SUBJECT"}
    failed = {"EOSSTT": "DISCONTINUED", "EOSDT": date(2026, 1, 2), "DCSREAS": "SCREEN FAILURE"}
    people = [
        treated | dl1 | ongoing | {"DLTEVLFL": "Y", "DLTFL": "N"},
        treated | dl1 | ongoing | {"DLTEVLFL": "Y", "DLTFL": "N"},
        treated | dl1 | left | {"DLTEVLFL": "N", "DLTFL": ""},
        treated | dl2 | ongoing | {"DLTEVLFL": "Y", "DLTFL": "Y"},
        treated | dl2 | ongoing | {"DLTEVLFL": "", "DLTFL": ""},
        untreated | failed | {"ENRLFL": "N"},
        untreated | ongoing | {"ENRLFL": "N"},
        untreated | ongoing | {"ENRLFL": "Y", "LDSTDT": lymphodepletion},
    ]
    rows = [
        {"USUBJID": usubjid(number), "EVENTSEQ": number, "EVENTSEQS": [number]} | person
        for number, person in enumerate(people, start=1)
    ]
    return pl.DataFrame(rows, schema=_ADSL)


_ADAE = {
    "USUBJID": pl.String,
    "TRT01A": pl.String,
    "AECAT": pl.String,
    "AEDECOD": pl.String,
    "AESOC": pl.String,
    "ASTDY": pl.Int64,
    "AENDY": pl.Int64,
    "ATOXGRN": pl.Int64,
    "AESER": pl.String,
    "AREL": pl.String,
    "TRTEMFL": pl.String,
    "DLTFL": pl.String,
    "LICATSFL": pl.String,
    "AEOUT": pl.String,
    "EVENTSEQ": pl.Int64,
    "EVENTSEQS": pl.List(pl.Int64),
}


def adae() -> pl.DataFrame:
    """Seven reported events, one of them before the infusion, and two ASTCT episodes of CRS."""
    plain = {"AESER": "N", "AREL": "N", "TRTEMFL": "Y", "DLTFL": "N", "LICATSFL": "N"}
    crs = {"AECAT": "ASTCT", "AEDECOD": "Cytokine release syndrome", "TRTEMFL": "Y", "AREL": "Y"}
    general, blood = "General disorders", "Blood disorders"
    events = [
        (1, plain | {"AEDECOD": "Pyrexia", "AESOC": general, "ATOXGRN": 1, "AREL": "Y", "ASTDY": 2, "AENDY": 3}),
        (1, plain | {"AEDECOD": "Pyrexia", "AESOC": general, "ATOXGRN": 2, "ASTDY": 9, "AENDY": 9}),
        (2, plain | {"AEDECOD": "Neutropenia", "AESOC": blood, "ATOXGRN": 4, "ASTDY": 4}),
        (2, plain | {"AEDECOD": "Headache", "AESOC": "Nervous system", "ATOXGRN": 3, "TRTEMFL": "N", "ASTDY": -3}),
        (
            4,
            plain
            | {"AEDECOD": "ALT increased", "AESOC": "Investigations", "ATOXGRN": 3, "ASTDY": 6}
            | {"AESER": "Y", "AREL": "Y", "DLTFL": "Y"},
        ),
        (4, plain | {"AEDECOD": "Pyrexia", "AESOC": general, "ATOXGRN": 2, "AREL": "Y", "ASTDY": 5, "AENDY": 8}),
        (5, plain | {"AEDECOD": "Rash", "AESOC": "Skin", "ATOXGRN": None, "LICATSFL": "Y", "ASTDY": 12}),
        (4, crs | {"ATOXGRN": 2, "ASTDY": 5, "AENDY": 8}),
        (5, crs | {"ATOXGRN": 1, "ASTDY": 3, "AENDY": None}),
    ]
    levels = {1: "DL1", 2: "DL1", 4: "DL2", 5: "DL2"}
    rows = [
        {"USUBJID": usubjid(number), "TRT01A": levels[number], "EVENTSEQ": 100 + index, "EVENTSEQS": [100 + index]}
        | row
        for index, (number, row) in enumerate(events)
    ]
    return pl.DataFrame(rows, schema=_ADAE)


def adpp() -> pl.DataFrame:
    """Cmax and half-life: two estimates at DL1, one at DL2; 01-003 sampled without a half-life; 01-005 not sampled."""
    values = [
        (1, "CMAX", 1000.0, None),
        (2, "CMAX", 4000.0, None),
        (3, "CMAX", 0.0, None),
        (4, "CMAX", 500.0, None),
        (1, "LAMZHL", 4.0, None),
        (2, "LAMZHL", 9.0, None),
        (3, "LAMZHL", None, "fewer than 3 points after Tmax"),
        (4, "LAMZHL", None, "fewer than 3 points after Tmax"),
    ]
    rows = [
        {"USUBJID": usubjid(number), "PARAMCD": code, "AVAL": value, "AVALRSN": reason, "EVENTSEQS": [200 + index]}
        for index, (number, code, value, reason) in enumerate(values)
    ]
    schema = {"USUBJID": pl.String, "PARAMCD": pl.String, "AVAL": pl.Float64, "AVALRSN": pl.String}
    return pl.DataFrame(rows, schema=schema | {"EVENTSEQS": pl.List(pl.Int64)})


def adrs() -> pl.DataFrame:
    """SLEDAI-2K at screening and day 28: 01-002 is not evaluable on day 28, 01-003 has no assessment there."""
    values = [
        (1, "SCR", 1.0, 12.0, None, None),
        (2, "SCR", 1.0, 8.0, None, None),
        (3, "SCR", 1.0, 10.0, None, None),
        (1, "D28", 9.0, 4.0, -8.0, None),
        (2, "D28", 9.0, None, None, "not known whether present: urinary_casts"),
    ]
    rows = [
        {"USUBJID": usubjid(number), "PARAMCD": "SLEDAI2K", "AVISIT": visit, "AVISITN": order, "AVAL": value}
        | {"CHG": change, "AVALRSN": reason, "EVENTSEQS": [300 + index]}
        for index, (number, visit, order, value, change, reason) in enumerate(values)
    ]
    schema = {"USUBJID": pl.String, "PARAMCD": pl.String, "AVISIT": pl.String, "AVISITN": pl.Float64}
    numbers = {"AVAL": pl.Float64, "CHG": pl.Float64, "AVALRSN": pl.String, "EVENTSEQS": pl.List(pl.Int64)}
    return pl.DataFrame(rows, schema=schema | numbers)


def adlb() -> pl.DataFrame:
    """Neutrophils with grades and B cells; days are study days, the infusion is day 1."""
    neutrophils = [
        # subject, day, value, text, baseline?, low grade, why not graded
        (1, -5, 3.0, "3.0", "", 0, None),
        (1, 1, 1.4, "1.4", "Y", 2, None),
        (1, 8, 0.4, "0.4", "", 4, None),
        (1, 15, 0.9, "0.9", "", 3, None),
        (2, 1, 0.4, "0.4", "Y", 4, None),
        (2, 8, 0.3, "0.3", "", 4, None),
        (4, 1, 2.5, "2.5", "Y", 0, None),
        (4, 8, None, "clotted", "", None, "the result is not a number: clotted"),
    ]
    b_cells = [
        (1, 1, 40.0, "40", "Y", None, "no CTCAE term grades this analyte"),
        (1, 8, None, "<1", "", None, "no CTCAE term grades this analyte"),
        (1, 91, 12.0, "12", "", None, "no CTCAE term grades this analyte"),
        (2, 8, 3.0, "3", "", None, "no CTCAE term grades this analyte"),
        (2, 29, 4.0, "4", "", None, "no CTCAE term grades this analyte"),
        (4, 8, None, "<20", "", None, "no CTCAE term grades this analyte"),
    ]
    rows = []
    for code, label, values in (("NEUT", "Neutrophils (10^9/L)", neutrophils), ("BLYCE", "B-Lymphocytes", b_cells)):
        for index, (number, day, value, text, flag, grade, reason) in enumerate(values):
            seq = (400 if code == "NEUT" else 500) + index
            rows.append(
                {"USUBJID": usubjid(number), "PARAMCD": code, "PARAM": label, "AVAL": value, "AVALC": text}
                | {"ADY": day, "ABLFL": flag or None, "ATOXGRL": grade, "ATOXGRH": None, "ATOXRSN": reason}
                | {"ASEQ": index, "EVENTSEQ": seq, "EVENTSEQS": [seq]}
            )
    texts = dict.fromkeys(("USUBJID", "PARAMCD", "PARAM", "AVALC", "ABLFL", "ATOXRSN"), pl.String)
    numbers = dict.fromkeys(("ADY", "ATOXGRL", "ATOXGRH", "ASEQ", "EVENTSEQ"), pl.Int64)
    return pl.DataFrame(rows, schema_overrides=texts | numbers | {"AVAL": pl.Float64, "EVENTSEQS": pl.List(pl.Int64)})
