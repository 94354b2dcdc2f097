"""What was sent before: how far a run has come, what the source is believed to hold, and what differs from it."""
