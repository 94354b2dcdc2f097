"""A text that shows itself only when asked: takes credentials and tokens, and refuses to print them."""

from hmac import compare_digest
from typing import Any, NoReturn

from occtoo_frames.exceptions import ConfigurationError

MASK = "***"


class Secret:
    """A text that is masked in repr, str, format, pickle, tracebacks and logs; ``reveal()`` gives it.

    A copy made by pickle holds no text any more: revealing it says so.
    """

    __slots__ = ("__text", "__why")

    def __init__(self, text: "str | Secret") -> None:
        if not isinstance(text, str | Secret):
            raise ConfigurationError(f"a secret is text, not {type(text).__name__}")
        self.__text: str | None = text.reveal() if isinstance(text, Secret) else text
        self.__why = ""

    def reveal(self) -> str:
        """The text itself.

        Raises:
            ConfigurationError: This is a copy that went through pickle, or was made of what is no text.
        """
        if self.__text is None:
            raise ConfigurationError(self.__why)
        return self.__text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if self.__text is None or other.__text is None:
            return False
        return compare_digest(self.__text.encode(errors="surrogatepass"), other.__text.encode(errors="surrogatepass"))

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __bool__(self) -> bool:
        return self.__text != ""

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _left_behind, ()

    def __iter__(self) -> NoReturn:
        raise TypeError("a Secret has no characters to show")


def wrapped(value: object, name: str) -> Secret:
    """``value`` as a secret; raises nothing, whatever it is.

    So a frame can wrap all secrets that it was given before anything fails in it: a traceback may be kept with the
    locals of its frames. What is no text is not held, and ``Secret.reveal`` raises for it.

    Args:
        value: What was given.
        name: The setting's name, for the message.
    """
    if isinstance(value, str | Secret):
        return Secret(value) if isinstance(value, str) else value
    return _without_text(f"{name}: a secret is text, not {type(value).__name__}")


def _left_behind() -> Secret:
    return _without_text(
        "this secret went through pickle, which leaves it behind: make the connection where it is used"
    )


def _without_text(why: str) -> Secret:
    secret = Secret("")
    secret._Secret__text, secret._Secret__why = None, why  # type: ignore[attr-defined]  # noqa: SLF001 - emptied here alone
    return secret
