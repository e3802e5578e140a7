"""Many events at once, without Python's collector of cycles: it finds none among them, at a third of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["MANY", "undisturbed"]

# from so many on it is worth it
MANY = 1_000


@contextmanager
def undisturbed(count: int) -> Iterator[None]:
    """Leave the collector out while `count` events are read; it works as before when the block ends."""
    if count < MANY or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
