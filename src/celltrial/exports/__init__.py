"""Exports: data sets into the files that others read."""

from celltrial.exports.dataset_json import read_dataset_json, render_dataset_json, write_dataset_json
from celltrial.exports.manifest import MANIFEST, FileCount, Manifest, make_manifest, write_manifest
from celltrial.exports.package import FORMATS, Format, parse_format, write_package
from celltrial.exports.tabular import write_csv, write_parquet

__all__ = [
    "FORMATS",
    "MANIFEST",
    "FileCount",
    "Format",
    "Manifest",
    "make_manifest",
    "parse_format",
    "read_dataset_json",
    "render_dataset_json",
    "write_csv",
    "write_dataset_json",
    "write_manifest",
    "write_package",
    "write_parquet",
]
