"""The one thread that writes entries: commits what arrives, then, a moment later, makes it visible.

Takes arrivals and gives back when they are durable; says which entries changed. Knows no HTTP and no database. That
what was accepted is not visible at once is the platform's way (doc); how long it takes is ours (not verified against
the live service).
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from time import monotonic, time_ns

from occtoo_frames._sandbox.store import Store
from occtoo_frames._sandbox.store_inbox import Arrival, Change, put, take, waiting

_AT_ONCE = 16
_AGAIN_S = 0.2


class Keeper:
    """Owns all writing of entries until it is stopped.

    Args:
        store: Where entries are.
        delay_s: How long a committed import stays invisible.
        on_change: Called from the keeper's thread with what became visible.
    """

    def __init__(self, store: Store, delay_s: float, on_change: Callable[[Change], None]) -> None:
        self._store = store
        self._delay_s = delay_s
        self._on_change = on_change
        self._arrivals: list[tuple[Arrival, Future[None]]] = []
        self._due: deque[float] = deque([0.0] * waiting(store))
        self._moved = Condition()
        self._stopping = False
        self._failure: Exception | None = None
        self._thread = Thread(target=self._run, name="occtoo-sandbox-keeper", daemon=True)
        self._thread.start()

    def accept(self, arrival: Arrival) -> None:
        """The arrival is durable.

        Raises:
            OSError: It could not be written, or the keeper has stopped.
        """
        done: Future[None] = Future()
        with self._moved:
            if self._stopping:
                raise OSError("the sandbox is stopping")
            self._arrivals.append((arrival, done))
            self._moved.notify_all()
        done.result()

    def settle(self, timeout_s: float) -> None:
        """Every import accepted so far is visible.

        Raises:
            TimeoutError: It took longer than ``timeout_s``.
            RuntimeError: Imports cannot be folded into entries; it is tried again.
        """
        with self._moved:
            idle = self._moved.wait_for(lambda: self._failure or not (self._due or self._arrivals), timeout_s)
        if self._failure is not None:
            raise RuntimeError("the sandbox cannot write its entries") from self._failure
        if not idle:
            raise TimeoutError(f"imports were still on their way after {timeout_s} s")

    def stop(self) -> None:
        """No thread writes any more; what was accepted and is not visible waits in the inbox."""
        with self._moved:
            self._stopping = True
            self._moved.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while self._step():
            continue

    def _step(self) -> bool:
        with self._moved:
            self._moved.wait_for(self._has_work, self._patience())
            arrivals, self._arrivals = self._arrivals, []
            if self._stopping and not arrivals:
                return False
        if arrivals:
            self._commit(arrivals)
        self._fold_due()
        return True

    def _has_work(self) -> bool:
        return bool(self._stopping or self._arrivals)

    def _patience(self) -> float | None:
        return max(0.0, self._due[0] - monotonic()) if self._due else None

    def _commit(self, arrivals: list[tuple[Arrival, Future[None]]]) -> None:
        try:
            put(self._store, [arrival for arrival, _ in arrivals])
        except Exception as error:  # noqa: BLE001 - a full disk is the answer to these requests, not the end
            for _, done in arrivals:
                done.set_exception(OSError(f"the import could not be stored: {error}"))
            return
        with self._moved:
            self._due.extend([monotonic() + self._delay_s] * len(arrivals))
        for _, done in arrivals:
            done.set_result(None)

    def _fold_due(self) -> None:
        now = monotonic()
        count = sum(due <= now for due in list(self._due)[:_AT_ONCE])
        if not count:
            return
        try:
            changes = take(self._store, count, time_ns() // 1000)
        except Exception as error:  # noqa: BLE001 - what is in the inbox stays there and is taken later
            self._put_off(error)
            return
        for change in changes:
            self._on_change(change)
        with self._moved:
            self._failure = None
            for _ in range(count):
                self._due.popleft()
            self._moved.notify_all()

    def _put_off(self, error: Exception) -> None:
        later = monotonic() + _AGAIN_S
        with self._moved:
            self._failure = error
            self._due = deque(max(due, later) for due in self._due)
            self._moved.notify_all()
