"""Independent random streams: one for each person, topic and occasion, all from the one seed.

A stream is found by its key and not by the order of draws, so adding a person, or one more laboratory value, changes
nothing for anybody else. Source: NumPy `SeedSequence`, spawn keys.
"""

from enum import IntEnum

import numpy as np

__all__ = ["Topic", "stream"]


class Topic(IntEnum):
    """What a stream is for; the numbers are part of what makes a seed repeatable, so they never change."""

    DECK = 1
    ARRIVAL = 2
    PERSON = 3
    DISEASE = 4
    MEDICATION = 5
    LABORATORY = 6
    KINETICS = 7
    TOXICITY = 8
    VISIT = 9
    ENTRY = 10
    COURSE = 11
    COMMITTEE = 12
    BEDSIDE = 13
    SCORES = 14
    IMMUNE = 15
    MONITORING = 16
    SALT = 17


def stream(seed: int, topic: Topic, *key: int) -> np.random.Generator:
    """The generator of `seed` for `topic` and `key`; the same arguments give the same draws, always.

    >>> bool(stream(7, Topic.PERSON, 3).random() == stream(7, Topic.PERSON, 3).random())
    True
    """
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(int(topic), *key)))
