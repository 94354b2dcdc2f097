"""DATATILE's Data Collector: a table goes in as a file of variables, a job runs, its fate comes back.

``of.datatile.upload(frame, target=folder)``. Addresses and states that no document names are ours (not verified
against the live service); they stand in ``protocol/datatile.py`` only.
"""

from occtoo_frames.datatile.files import WrittenFile, check, write_file
from occtoo_frames.datatile.reading import Dataset, read_file
from occtoo_frames.datatile.report import UploadReport
from occtoo_frames.datatile.upload import job, upload

__all__ = [
    "Dataset",
    "UploadReport",
    "WrittenFile",
    "check",
    "job",
    "read_file",
    "upload",
    "write_file",
]
