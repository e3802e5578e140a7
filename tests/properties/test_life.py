"""Random lives against a small model written by hand: what the gate lets in is what a clinician would let in."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from celltrial.decisions.life import check_life, steps
from celltrial.record import Draft
from celltrial.record.bodies import Body, EligibilitySignature, Withdrawal
from event_samples import DAY, SAMPLES, WHO
from trial_builder import INVESTIGATOR, Story

STAGES = st.sampled_from(["screening", "lymphodepletion", "infusion"])


class Life(RuleBasedStateMachine):
    """One participant. The model is a set of facts, not states: what has been done, and what is signed last."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story().at(5)
        self.done: set[str] = set()
        self.signed: dict[str, str] = {}

    def attempt(self, body: Body, should: bool) -> bool:
        """Ask the gate, compare with the model, and write what is let in."""
        draft = Draft(body=body, subject=WHO)
        is_let_in = not check_life(self.story.study, self.story.state, draft, INVESTIGATOR, self.story.now)
        assert is_let_in == should, (body.TYPE, self.done, self.signed, steps(self.story.state, WHO)[-1])
        if is_let_in:
            self.story.write(body, WHO)
            self.done.add(body.TYPE)
        return is_let_in

    @property
    def is_in(self) -> bool:
        return "consent" in self.done and "end" not in self.done

    @property
    def may_be_treated(self) -> bool:
        return self.is_in and "off" not in self.done and "infusion" not in self.done

    @rule()
    def consents(self) -> None:
        self.attempt(SAMPLES["consent"], "consent" not in self.done)

    @precondition(lambda self: "screening" not in self.done)
    @rule()
    def is_screened(self) -> None:
        # after the end only late, which the gate on dates judges
        self.attempt(SAMPLES["screening"], "consent" in self.done)

    @rule(stage=STAGES, is_eligible=st.booleans())
    def is_judged(self, stage: str, is_eligible: bool) -> None:
        word = "eligible" if is_eligible else "not eligible"
        body = EligibilitySignature(stage=stage, verdict=word, criteria_hash="a", content_hash="b")  # type: ignore[arg-type]  # literals as text
        should = (
            self.may_be_treated
            and {
                "screening": "screening" in self.done and "enrolment" not in self.done,
                "lymphodepletion": "dose_assignment" in self.done and "lymphodepletion" not in self.done,
                "infusion": "lymphodepletion" in self.done,
            }[stage]
        )
        if self.attempt(body, should):
            self.signed[stage] = word

    @rule()
    def is_enrolled(self) -> None:
        should = self.may_be_treated and self.signed.get("screening") == "eligible" and "enrolment" not in self.done
        self.attempt(SAMPLES["enrolment"], should)

    @rule()
    def is_assigned(self) -> None:
        should = self.may_be_treated and "enrolment" in self.done and "lymphodepletion" not in self.done
        self.attempt(SAMPLES["dose_assignment"], should)

    @rule()
    def is_depleted(self) -> None:
        cleared = self.signed.get("lymphodepletion") == "eligible" and "lymphodepletion" not in self.done
        self.attempt(SAMPLES["lymphodepletion"], self.may_be_treated and cleared)

    @rule()
    def product_is_released(self) -> None:
        self.attempt(SAMPLES["product_release"], self.may_be_treated and "lymphodepletion" in self.done)

    @rule()
    def is_infused(self) -> None:
        ready = "product_release" in self.done and self.signed.get("infusion") == "eligible"
        self.attempt(SAMPLES["infusion"], self.may_be_treated and ready)

    @rule()
    def is_adjudicated(self) -> None:
        should = "infusion" in self.done or "end" in self.done
        self.attempt(SAMPLES["dlt_assessment"], should)

    @rule()
    def leaves_treatment(self) -> None:
        body = Withdrawal(on=DAY, scope="treatment", reason="participant's wish")
        if self.attempt(body, self.is_in and "off" not in self.done and "enrolment" in self.done):
            self.done |= set() if "infusion" in self.done else {"off"}

    @rule()
    def leaves(self) -> None:
        if self.attempt(Withdrawal(on=DAY, scope="study", reason="participant's wish"), self.is_in):
            self.done.add("end")

    @rule()
    def completes(self) -> None:
        followed = "off" in self.done or {"infusion", "dlt_assessment"} <= self.done
        if self.attempt(SAMPLES["completion"], self.is_in and followed):
            self.done.add("end")

    @rule(kind=st.sampled_from(["form", "adverse_event", "visit"]))
    def data_are_entered(self, kind: str) -> None:
        draft = Draft(body=SAMPLES[kind], subject=WHO)
        found = check_life(self.story.study, self.story.state, draft, INVESTIGATOR, self.story.now)
        assert bool(found) == ("consent" not in self.done)

    @invariant()
    def no_step_was_skipped(self) -> None:
        assert not [each for each in steps(self.story.state, WHO) if each.skipped]


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
