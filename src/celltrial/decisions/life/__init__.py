"""The life of a participant in the trial: one table of states, events and moves; where each stands and who is next.

table.py reads the table (states.csv, allowed.csv, moves.csv), walk.py follows the events through it, gate.py refuses
what a state does not allow, stand.py says who has to do what next.
"""

from celltrial.decisions.life.gate import (
    check_life,
)
from celltrial.decisions.life.stand import (
    LifeState,
    life_state,
    life_states,
)
from celltrial.decisions.life.table import (
    allowance,
    life_rows,
    moves,
)
from celltrial.decisions.life.walk import (
    current_step,
    next_state,
    steps,
)

__all__ = [
    "LifeState",
    "allowance",
    "check_life",
    "current_step",
    "life_rows",
    "life_state",
    "life_states",
    "moves",
    "next_state",
    "steps",
]
