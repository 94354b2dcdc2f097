"""CareCloud Portal: tables as sync files, imported through a signed address, and asked for again."""

from occtoo_frames.carecloud.files import read_sync_file, write_sync_file
from occtoo_frames.carecloud.imports import ImportStatus, import_file, status
from occtoo_frames.carecloud.querying import query
from occtoo_frames.carecloud.report import ImportReport
from occtoo_frames.carecloud.sync_file import SyncFile

__all__ = [
    "ImportReport",
    "ImportStatus",
    "SyncFile",
    "import_file",
    "query",
    "read_sync_file",
    "status",
    "write_sync_file",
]
