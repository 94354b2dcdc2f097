"""A connection to a server of this process's own, such as a sandbox: it is all in its arguments."""

from occtoo_frames._session.connection import Connection


class LocalConnection(Connection):
    """A connection of nothing but what it is given: no environment, profile or keyring is looked into.

    What stands there belongs to the platform: a proxy would be handed what never leaves this machine, and a profile
    that is missing would stop what has no use for one.
    """

    _lone = True
