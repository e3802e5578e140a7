"""Gates on the product: what is released fits the dose assigned and is not expired; what is infused was released."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from celltrial.errors import Finding, UnitError
from celltrial.record import Author, Draft, TrialState
from celltrial.record.bodies import DoseAssignment, Infusion, ProductRelease
from celltrial.study import Study
from celltrial.studyday import parse_partial_date
from celltrial.units import parse_number

__all__ = ["check_infused_as_released", "check_release"]

Findings = Sequence[Finding]
_RULE = "study.yaml, product_release"


def check_release(study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime) -> Findings:
    """A release names lot and donor, is made before the expiry, and holds the planned cells within limits."""
    body = draft.body
    if not isinstance(body, ProductRelease) or draft.subject is None:
        return ()
    findings = [
        _refuse(draft, f"the release names no {name}", expected=f"the {name} as on the certificate")
        for name in ("lot", "donor")
        if not getattr(body, name).strip()
    ]
    if body.expires_at.strip():
        expires = parse_partial_date(body.expires_at, study.site.zone).latest
        if parse_partial_date(body.released_at, study.site.zone).earliest > expires:
            findings.append(
                _refuse(draft, "the product had expired at its release", found=f"expired {body.expires_at}")
            )
    assigned = state.latest(DoseAssignment, draft.subject)
    if assigned is not None:
        findings += _check_cells(study, draft, body.cells, assigned.body)
    return findings


def check_infused_as_released(
    study: Study, state: TrialState, draft: Draft, _author: Author, _at: datetime
) -> Findings:
    """Lot and donor are those released for this participant; the infusion is after the release, before the expiry."""
    body = draft.body
    released = state.latest(ProductRelease, draft.subject) if draft.subject else None
    if not isinstance(body, Infusion) or released is None:
        # that there is a release at all is the life table's matter
        return ()
    release = released.body
    findings = [
        _refuse(
            draft,
            f"the {name} infused is not the {name} released",
            found=getattr(body, name),
            expected=f"{getattr(release, name)} (event {released.seq})",
        )
        for name in ("lot", "donor")
        if getattr(body, name) != getattr(release, name)
    ]
    infused = parse_partial_date(body.infused_at, study.site.zone)
    if infused.latest < parse_partial_date(release.released_at, study.site.zone).earliest:
        expected = f"after {release.released_at}, when the product was released (event {released.seq})"
        findings.append(
            _refuse(draft, "the infusion lies before the release", found=body.infused_at, expected=expected)
        )
    if release.expires_at and infused.earliest > parse_partial_date(release.expires_at, study.site.zone).latest:
        expected = f"not after {release.expires_at} (event {released.seq})"
        findings.append(_refuse(draft, "the product had expired", found=body.infused_at, expected=expected))
    return findings


def _check_cells(study: Study, draft: Draft, cells: str, assigned: DoseAssignment) -> Findings:
    limit = study.release.cells_within_percent
    try:
        released, planned = parse_number(cells), parse_number(assigned.planned_cells)
    except UnitError as error:
        return [_refuse(draft, f"cells: {each.message}", found=each.found) for each in error.findings]
    if abs(released - planned) * 100 <= limit * planned:
        return ()
    low, high = planned * (1 - limit / Decimal(100)), planned * (1 + limit / Decimal(100))
    return (
        _refuse(
            draft,
            f"the cells released are not within {limit} % of the planned dose",
            found=f"{released:.3E} cells",
            expected=f"{low:.3E} to {high:.3E} for {assigned.level}",
        ),
    )


def _refuse(draft: Draft, message: str, *, found: str = "", expected: str = "") -> Finding:
    return Finding(
        message=message,
        where=f"subject {draft.subject}, {draft.body.TYPE}",
        found=found,
        expected=expected,
        rule=_RULE,
        next_step="compare with the certificate and the dose assigned; do not infuse before both agree",
    )
