"""Whole virtual trials: repeatable, in order, past every gate, and with everything a real one would hold."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from celltrial.decisions import signed_decisions
from celltrial.record import (
    Consent,
    Correction,
    DltAssessment,
    DoseAssignment,
    EligibilitySignature,
    Enrolment,
    FormEntry,
    Infusion,
    KineticsSample,
    Lymphodepletion,
    SrcDecision,
    StudyOpened,
    Visit,
    Withdrawal,
    parse_body,
    verify_record,
)
from celltrial.simulate import Run, simulate_run, simulate_trial
from celltrial.study import new_study

# what must come of each card at screening
_REFUSED = {
    "clearance_low",
    "mucocutaneous_only",
    "sledai_low",
    "active_infection",
    "steroid_unstable",
    "oxygen_low",
    "ejection_low",
    "neutrophils_low",
}
_SEEDS = (1192, 7)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Run]:
    """The default trial of some seeds."""
    folder = tmp_path_factory.mktemp("runs")
    return {seed: simulate_run(new_study(folder / str(seed), "ct1192"), seed=seed) for seed in _SEEDS}


@pytest.fixture(scope="module")
def toxic(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A toxic trial."""
    return simulate_run(new_study(tmp_path_factory.mktemp("toxic") / "study", "ct1192"), seed=3, scenario="toxic")


def test_same_seed_same_record(runs: dict[int, Run], tmp_path: Path) -> None:
    """The same seed gives the same events; a trial that is cut earlier is the beginning of the whole; seeds differ."""
    heads = []
    for name in ("one", "two"):
        trial = simulate_trial(new_study(tmp_path / name, "ct1192"), seed=1192, until=date(2025, 10, 31))
        heads.append(trial.record.head)
    assert heads[0] == heads[1]
    early = [event.hash for event in trial.record.events() if event.recorded_at.date() < date(2025, 10, 1)]
    whole = [event.hash for event in runs[1192].trial.record.events()]
    assert len(early) > 500
    assert whole[: len(early)] == early
    assert len({run.trial.record.head for run in runs.values()}) == len(_SEEDS)


def test_record_verifies_and_says_that_it_is_simulated(runs: dict[int, Run]) -> None:
    """The chain holds, and the first event says simulated, with the seed."""
    for seed, run in runs.items():
        assert verify_record(run.trial.study.folder / "record.db").ok
        opened = run.trial.record.state().entries(StudyOpened)[0].body
        assert (opened.simulated, opened.seed) == ("yes", str(seed))


def test_every_event_is_valid_and_in_the_order_of_time(runs: dict[int, Run]) -> None:
    """Every body reads back; time never runs backwards; nothing is recorded before opening or after the close."""
    for run in runs.values():
        events = run.trial.record.events()
        for event in events:
            parse_body(event.type, event.version, event.payload)
        times = [event.recorded_at for event in events]
        assert times == sorted(times)
        assert times[-1].date() <= date(2026, 11, 15)
        assert times[0].date() == date(2025, 7, 4)


def test_every_correction_has_its_reason(runs: dict[int, Run]) -> None:
    """Corrections exist, each says why, and the mistakes of data entry are among them."""
    for run in runs.values():
        corrections = [event for event in run.trial.record.events() if event.type == Correction.TYPE]
        assert corrections
        assert all(event.why.strip() not in ("", "first entry") for event in corrections)
    whys = " ".join(event.why for run in runs.values() for event in run.trial.record.events())
    assert "typed in g/dL" in whys or "digits transposed" in whys
    assert any(run.trial.record.state().voided for run in runs.values())


def test_candidates_end_as_their_card_says(runs: dict[int, Run]) -> None:
    """Who must fail fails, by a signed verdict; who may join is not refused; a missing result is repeated."""
    seen: Counter[str] = Counter()
    for run in runs.values():
        state = run.trial.record.state()
        for participant in run.participants.values():
            card, subject = participant.person.card, participant.subject
            signed = [each.body.verdict for each in state.entries(EligibilitySignature, subject)]
            if participant.status == "screening":
                continue
            seen[card] += 1
            if card in _REFUSED:
                assert signed == ["not eligible"], (subject, card)
                assert not state.entries(Enrolment, subject)
                assert state.entries(Withdrawal, subject)[0].body.reason == "screen failure"
            if card == "consent_withdrawn":
                assert signed == []
                assert state.entries(Withdrawal, subject)[0].body.reason == "participant's wish"
            if card == "eligible" and signed:
                assert signed[0] == "eligible", subject
            if card == "result_missing" and signed:
                assert participant.screening_visits == 2
    assert set(seen) >= _REFUSED | {"eligible", "consent_withdrawn", "result_missing"}


def test_dosing_follows_signed_decisions_and_the_sentinel(runs: dict[int, Run], toxic: Run) -> None:
    """Assignment after signature; stages signed before each step; 14 days after the first of a level."""
    for run in (*runs.values(), toxic):
        state = run.trial.record.state()
        decisions = {entry.body.number: entry for entry in signed_decisions(state)}
        first_at: dict[str, datetime] = {}
        for entry in sorted(state.entries(Infusion), key=lambda each: each.body.infused_at):
            assert entry.subject is not None
            assigned = state.latest(DoseAssignment, entry.subject)
            assert assigned is not None
            decision = decisions[assigned.body.decision]
            signature = min(each.event.recorded_at for each in state.signatures_of(decision.seq))
            assert signature <= assigned.event.recorded_at < entry.event.recorded_at
            assert decision.body.level == entry.body.level == assigned.body.level
            infused_at = datetime.fromisoformat(entry.body.infused_at)
            first = first_at.setdefault(entry.body.level, infused_at)
            assert infused_at == first or infused_at.date() >= first.date() + timedelta(days=14)
            stages = [each.body.stage for each in state.entries(EligibilitySignature, entry.subject)]
            assert stages[:1] == ["screening"]
            assert set(stages) == {"screening", "lymphodepletion", "infusion"}
        assert len(state.entries(Infusion)) <= 12


def test_windows_are_adjudicated_before_each_decision(runs: dict[int, Run], toxic: Run) -> None:
    """No decision rests on an open window, and its counts are those of the adjudicated assessments at its time."""
    for run in (*runs.values(), toxic):
        record = run.trial.record
        for decision in record.state().entries(SrcDecision):
            before = record.state(as_of=decision.event.recorded_at)
            infused = before.entries(Infusion)
            assessed = [before.latest(DltAssessment, each.subject) for each in infused if each.subject]
            assert all(each is not None for each in assessed)
            evaluable = [each.body for each in assessed if each is not None and each.body.evaluable == "yes"]
            assert sum(int(n) for n in decision.body.evaluable.values()) == len(evaluable)
            assert sum(int(n) for n in decision.body.dlts.values()) == sum(each.dlt == "yes" for each in evaluable)


def test_truth_and_adjudication_agree(runs: dict[int, Run], toxic: Run) -> None:
    """Who truly had a DLT, and stayed, was adjudicated so; nobody else was."""
    n = 0
    for run in (*runs.values(), toxic):
        state = run.trial.record.state()
        for participant in run.participants.values():
            assessment = state.latest(DltAssessment, participant.subject)
            if assessment is None or participant.course is None:
                continue
            assert assessment.body.dlt == ("yes" if participant.course.dlt_kind else "no"), participant.subject
            n += assessment.body.dlt == "yes"
    assert n >= 2


def test_toxic_scenario_does_not_reach_the_top(toxic: Run) -> None:
    """With a DLT in every second participant the design never opens the highest level."""
    levels = [entry.body.level for entry in toxic.trial.record.state().entries(SrcDecision)]
    assert "DL3" not in levels
    assert sum(entry.body.dlt == "yes" for entry in toxic.trial.record.state().entries(DltAssessment)) >= 2


def test_visits_samples_and_forms_are_there(runs: dict[int, Run]) -> None:
    """Every infused participant has a pre-dose sample below the limit, visits in order, and scores."""
    missed = 0
    for run in runs.values():
        state = run.trial.record.state()
        for entry in state.entries(Infusion):
            assert entry.subject is not None
            samples = [each.body for each in state.entries(KineticsSample, entry.subject)]
            assert (samples[0].nominal_day, samples[0].blq) == ("0", "yes")
            assert all(bool(each.value) == (each.blq == "no") for each in samples)
            visits = [each.body for each in state.entries(Visit, entry.subject)]
            assert [each.visit for each in visits[:3]] == ["SCR", "LD", "D0"]
            missed += sum(each.status == "missed" for each in visits)
            assert all(each.reason for each in visits if each.status == "missed")
            depletion = state.latest(Lymphodepletion, entry.subject)
            assert depletion is not None
            assert depletion.body.started_on < entry.body.infused_at[:10]
            assert state.forms("sledai_2k", entry.subject)
    assert missed


def test_every_visit_has_the_scores_that_were_asked_for(runs: dict[int, Run]) -> None:
    """A form of the schedule is there for every visit done, but a global assessment that was left out now and then."""
    left_out = 0
    for run in runs.values():
        study, state = run.trial.study, run.trial.record.state()
        forms = {each.id: each.form for each in study.measures if each.form and study.form(each.form)}
        for entry in state.entries(Infusion):
            assert entry.subject is not None
            done = [each.body.visit for each in state.entries(Visit, entry.subject) if each.body.status == "done"]
            for visit in (each for each in study.visits if each.id in done):
                wanted = {forms[each] for each in visit.measures if each in forms}
                filled = {
                    each.body.form for each in state.entries(FormEntry, entry.subject) if each.body.visit == visit.id
                }
                left_out += "pga" in wanted - filled
                assert wanted - filled <= {"pga"}, (entry.subject, visit.id)
            organs = state.forms("organ_involvement", entry.subject)
            assert len({each.body.items["organ"] for each in organs}) == len(organs) == 13
    assert left_out < 8


def test_blood_counts_are_daily_in_the_first_two_weeks(runs: dict[int, Run]) -> None:
    """Neutrophils of every participant miss no two days in a row until day 13, and are there about day 21."""
    for run in runs.values():
        state = run.trial.record.state()
        for entry in state.entries(Infusion):
            assert entry.subject is not None
            infused_on = date.fromisoformat(entry.body.infused_at[:10])
            days = {
                (date.fromisoformat(each.body.items["collected"][:10]) - infused_on).days
                for each in state.forms("labs", entry.subject)
                if each.body.items["analyte"] == "neutrophils"
            }
            missing = set(range(14)) - days
            assert all(day - 1 in days and day + 1 in days for day in missing), (entry.subject, missing)
            assert len(missing) <= 4
            assert days & {20, 21, 22} or run.participants[entry.subject].status == "left"


def test_every_infection_has_its_detail(runs: dict[int, Run], toxic: Run) -> None:
    """An adverse event of that class and the form that names it belong together, one to one."""
    n = 0
    for run in (*runs.values(), toxic):
        state = run.trial.record.state()
        for participant in run.participants.values():
            events = {
                each.body.number
                for each in state.adverse_events(participant.subject)
                if each.body.soc == "Infections and infestations"
            }
            details = [each.body.items["adverse_event"] for each in state.forms("infection", participant.subject)]
            assert sorted(details) == sorted(events)
            n += len(details)
    assert n >= 5


def test_units_of_both_laboratories_come_up(runs: dict[int, Run]) -> None:
    """Haemoglobin appears in g/L and, over the seeds, in g/dL."""
    units = {
        entry.body.items["unit"]
        for run in runs.values()
        for entry in run.trial.record.state().entries(FormEntry)
        if entry.body.items.get("analyte") == "hemoglobin"
    }
    assert units == {"g/L", "g/dL"}


def test_slow_accrual_is_not_full(tmp_path: Path) -> None:
    """With a candidate every six weeks the trial has open places at its data cut."""
    shares: list[float] = []
    trial = simulate_trial(
        new_study(tmp_path / "slow", "ct1192"),
        seed=5,
        scenario="slow accrual",
        progress=lambda share, _: shares.append(share),
    )
    state = trial.record.state()
    assert 0 < len(state.entries(Infusion)) < 12
    assert len(state.entries(Consent)) < 16
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0
