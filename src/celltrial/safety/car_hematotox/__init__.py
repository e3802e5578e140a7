"""CAR-HEMATOTOX: its items as data (`items.csv`) and its score (`score.py`)."""

from celltrial.safety.car_hematotox.score import (
    CarHematotoxItem,
    CarHematotoxScore,
    car_hematotox_items,
    score_car_hematotox,
)

__all__ = ["CarHematotoxItem", "CarHematotoxScore", "car_hematotox_items", "score_car_hematotox"]
