"""What a terminal is written through: texts as they are, but for what it would act upon.

Takes renderables, gives the pieces that are written. The last place before the terminal, so that nothing gets past it.
"""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from occtoo_frames._push.visible import visible_lines


class Paper(Console):
    """A console that shows control characters of texts as escapes; colours and lines are its own."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of ``renderable``."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible_lines(text), style, control)
