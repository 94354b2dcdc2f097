"""The door: any table becomes polars on the way in, and the caller's kind again on the way out."""
