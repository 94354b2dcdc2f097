"""CareCloud Portal: tables as sync files, imported through a signed address, and asked for again."""

from occtoo_frames.carecloud.files import read_sync_file, write_sync_file
from occtoo_frames.carecloud.sync_file import SyncFile

__all__ = ["SyncFile", "read_sync_file", "write_sync_file"]
