"""Non-compartmental parameters of many profiles: arrays beside one profile after another, in one run.

Run: make bench. CPU seconds, the better of three runs; nothing here is a timed test.
"""

import time
from collections.abc import Callable

import numpy as np

from celltrial.kinetics import NcaOptions, Profile, Sample, compute_nca, compute_nca_table

PROFILES, PLAIN = 10_000, 500
DAYS = np.array([0, 1, 3, 7, 10, 14, 21, 28, 42, 56, 90, 120, 180, 270, 365], dtype=float)


def profiles(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Growth, then decline in two phases, with scatter and results below 50 copies/ug (Stein 2019, rounded values)."""
    days = DAYS + rng.uniform(0, 0.4, (PROFILES, len(DAYS)))
    peak, top = rng.normal(9.3, 1.5, (PROFILES, 1)), 24_000 * np.exp(rng.normal(0, 0.65, (PROFILES, 1)))
    growth = top * np.exp(0.889 * (days - peak))
    decline = top * (0.992 * np.exp(-0.16 * (days - peak)) + 0.008 * np.exp(-0.0032 * (days - peak)))
    values = np.where(days < peak, growth, decline) * np.exp(rng.normal(0, 0.4, days.shape))
    return days, np.where(values < 50, np.nan, values)


def seconds(what: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        what()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    days, values = profiles(np.random.default_rng(1))
    options = NcaOptions()
    rows = [
        Profile(
            samples=tuple(
                Sample(day=day, value=0.0 if np.isnan(value) else value, lloq=50.0)
                for day, value in zip(days[number].tolist(), values[number].tolist(), strict=True)
            ),
            unit="copies/ug",
        )
        for number in range(PLAIN)
    ]
    many = seconds(lambda: compute_nca_table(days, values, options, lloqs=50.0)) / PROFILES
    one = seconds(lambda: [compute_nca(each, options) for each in rows]) / PLAIN
    print(f"{PROFILES:,} profiles of {len(DAYS)} samples, with lambda_z: {many * PROFILES:.2f} s CPU")
    print(f"by arrays {many * 1e6:.0f} us a profile, one by one {one * 1e6:.0f} us, ratio {one / many:.0f}")


if __name__ == "__main__":
    main()
