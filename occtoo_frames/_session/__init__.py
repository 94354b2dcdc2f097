"""The only room with a wire: transport, tokens, patience, and where credentials come from.

The rules (when to ask again, what a token conversation says) are pure and stand beside the small drivers that run
them. Takes requests and conversations, gives responses; knows nothing of tables, entries or pages.
"""
