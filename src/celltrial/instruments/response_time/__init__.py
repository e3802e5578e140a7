"""When a response begins, whether it lasts, when it is lost, and survival free of flare or of treatment.

Each is a time to an event or a censored time with its reason; estimates over participants (Kaplan-Meier) belong to the
analyses. Nothing is imputed: a visit that could not be judged stays unknown and widens the interval of the event.
"""

from celltrial.instruments.response_time.durability import (
    judge_durable_response,
    judge_maintained_response,
    judge_sustained_response,
)
from celltrial.instruments.response_time.response import (
    compute_duration_of_response,
    compute_time_to_first_response,
    compute_time_to_loss_of_response,
)
from celltrial.instruments.response_time.survival import (
    TherapyStart,
    compute_flare_free_survival,
    compute_treatment_free_survival,
)
from celltrial.instruments.response_time.timeline import TimeToEvent

__all__ = [
    "TherapyStart",
    "TimeToEvent",
    "compute_duration_of_response",
    "compute_flare_free_survival",
    "compute_time_to_first_response",
    "compute_time_to_loss_of_response",
    "compute_treatment_free_survival",
    "judge_durable_response",
    "judge_maintained_response",
    "judge_sustained_response",
]
