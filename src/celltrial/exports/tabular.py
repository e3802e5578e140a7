"""Parquet and CSV: the same variables without their metadata, for other tools."""

from pathlib import Path

from celltrial.datasets import Dataset

__all__ = ["write_csv", "write_parquet"]


def write_parquet(dataset: Dataset, path: Path) -> None:
    """Write one data set as Parquet, types and all."""
    dataset.frame.select([each.name for each in dataset.variables]).write_parquet(path)


def write_csv(dataset: Dataset, path: Path) -> None:
    """Write one data set as CSV in UTF-8; missing is an empty field."""
    dataset.frame.select([each.name for each in dataset.variables]).write_csv(path)
