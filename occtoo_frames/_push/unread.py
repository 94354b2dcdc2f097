"""What will be sent and not be read: takes a plan's properties, gives warnings of those that destinations do not show.

Destinations give the key of an entry as its ``id`` (doc), and in a language the values of that language alone (ours):
what is sent under these names otherwise arrives, and is seen by nobody who reads.
"""

from collections.abc import Callable, Iterator, Sequence

from occtoo_frames._push.columns import PropertyColumn
from occtoo_frames.protocol.destination import ID

_NAMED = 5


def unread_warnings(
    key: Sequence[str], columns: Sequence[PropertyColumn], says: Callable[[int], bool]
) -> Iterator[str]:
    """In words, what readers will miss.

    Args:
        key: The columns of the key.
        columns: What is sent.
        says: True if there is a value in the column at this position.
    """
    for at, column in enumerate(columns):
        if column.property == ID and tuple(key) != (column.column,) and says(at):
            yield (
                f"the property 'id', from column {column.column!r}, will not be read back, nor compared by verify: "
                "destinations give the key of an entry as its id; name it otherwise in properties"
            )
            break
    both = _in_both_ways(columns, says)
    if both:
        more = f" and {len(both) - _NAMED:,} more" if len(both) > _NAMED else ""
        yield (
            f"sent both with and without a language: {', '.join(both[:_NAMED])}{more}; readers in a language do not "
            "see the values without one: say their language, or send them as another property"
        )


def _in_both_ways(columns: Sequence[PropertyColumn], says: Callable[[int], bool]) -> list[str]:
    """The properties that are sent in languages, and have values without one."""
    localised = {column.property for column in columns if column.language is not None}
    bare = [at for at, column in enumerate(columns) if column.language is None and column.property in localised]
    return [columns[at].property for at in bare if says(at)]
