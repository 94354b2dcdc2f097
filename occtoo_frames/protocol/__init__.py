"""The words that both sides of the wire speak.

Standard library only. Nothing here knows which side is calling, opens a socket, waits or logs. Each rule stands
beside its source: *doc* (the platform's documentation says so), *seen* (read in code that works against the live
service) or *ours* (nobody says; not verified against the live service).
"""
