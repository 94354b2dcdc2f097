"""What a caller asked of a verb, as far as it can be judged without a table or a server.

Takes arguments as they came, gives nothing; raises ConfigurationError for what cannot be meant.
"""

import numpy as np

from occtoo_frames.exceptions import ConfigurationError


def must_be_source(source: object) -> None:
    """Returns if ``source`` can be the id of one.

    Raises:
        ConfigurationError: It is no text, or an empty one.
    """
    if not isinstance(source, str) or not source:
        raise ConfigurationError(f"source={source!r}: give the id of the source that takes the entries")


def must_be_flags(*, progress: object, **flags: object) -> None:
    """Returns if each of ``flags`` is true or false, and ``progress`` one of these or None.

    A text out of an environment or a file is neither: to Python ``"false"`` is true.

    Raises:
        ConfigurationError: One is something else.
    """
    for name, value in flags.items():
        if not isinstance(value, bool | np.bool_):
            raise ConfigurationError(f"{name}={value!r}: it is True or False")
    if not isinstance(progress, bool | np.bool_ | None):
        raise ConfigurationError(f"progress={progress!r}: it is True, False or None")
