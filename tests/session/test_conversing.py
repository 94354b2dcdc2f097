"""The loop that all conversations share, and the patience of those that wait."""

from math import inf

import pytest

from occtoo_frames.protocol.conversing import Patience, drive
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.meaning import Asked

LOST = Asked(Failure("no answer in time", sent=True))


class Clock:
    """A clock that only its pauses move on."""

    def __init__(self) -> None:
        self.now = 100.0

    def waits(self, patience, most=1_000) -> list[float]:
        """The pauses that patience has."""
        waited = []
        while len(waited) < most and (pause := patience.pause()) is not None:
            waited.append(pause.seconds)
            self.now += pause.seconds
        return waited


def test_what_comes_of_a_step_is_sent_back():
    """And what the conversation returns is what it comes to."""

    def steps():
        first = yield 1
        second = yield first
        return first, second

    assert drive(steps(), lambda step: step + 1) == (2, 3)


def test_a_conversation_is_closed_when_a_step_fails():
    """What it has open is closed with it."""
    closed = []

    def steps():
        try:
            yield 0
        finally:
            closed.append(True)

    with pytest.raises(ZeroDivisionError):
        drive(steps(), lambda step: 1 / step)
    assert closed == [True]


def test_pauses_grow_and_end_together_with_patience():
    """The last one is what is left; time that went by otherwise counts too."""
    clock = Clock()
    waited = clock.waits(Patience(60.0, lambda: clock.now))
    assert waited[:3] == pytest.approx([0.05, 0.08, 0.128])
    assert max(waited) == 10.0
    assert sum(waited) == pytest.approx(60.0)
    patience = Patience(60.0, lambda: clock.now)
    assert patience.pause() is not None
    clock.now += 60.0
    assert patience.pause() is None


def test_patience_of_zero_has_no_pause_and_one_without_end_has_no_last():
    """One question, or as many as it takes."""
    clock = Clock()
    assert clock.waits(Patience(0.0, lambda: clock.now)) == []
    assert clock.waits(Patience(inf, lambda: clock.now), most=99)[-1] == 10.0


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_does_not_mend_ends_patience(status):
    """Unless the answer helped all the same."""
    clock = Clock()
    patience = Patience(60.0, lambda: clock.now)
    asked = Asked(Response(status))
    assert patience.after(asked, helped=True) is not None
    assert patience.after(asked, helped=False) is None


def test_five_lost_answers_in_a_row_end_patience():
    """One that helps begins the count anew."""
    clock = Clock()
    patience = Patience(60.0, lambda: clock.now)
    for helped in (False, False, False, False, True, False, False, False, False):
        assert patience.after(LOST, helped=helped) is not None
    assert patience.after(LOST, helped=False) is None
