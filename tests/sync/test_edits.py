"""Any sequence of edits, faults, deaths and pushes: the source ends as the table says."""

import tempfile
from copy import deepcopy
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sync_source import RESET, Source, answer, connection_to, expected, planned, push_and_die, table

import occtoo_frames as of

KEYS = [f"s{number}" for number in range(14)]
COLUMNS = ("name_en", "name_sv", "price")
TEXTS = st.sampled_from(["", "a", "å\n", '"', "x" * 40])
PRICES = st.sampled_from([0.0, 1.5, 1e9])


class Edits(RuleBasedStateMachine):
    """A table that is edited and pushed, with ``nulls="clear"`` and ``mirror``."""

    nulls, mirror = "clear", True

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.folder = tempfile.TemporaryDirectory()
        self.source, self.resume = Source(), False
        self.rows = {row["sku"]: row for row in table(6).to_dicts()}
        self.pushed, self.before = {}, {}

    @initialize()
    def begin(self):
        """A first push."""
        self.push(changed_only=True)

    @rule(key=st.sampled_from(KEYS), column=st.sampled_from(COLUMNS), text=TEXTS, price=PRICES)
    def change(self, key, column, text, price):
        """One value is another one, in a row that may be new."""
        row = self.rows.setdefault(key, {"sku": key, **dict.fromkeys(COLUMNS)})
        row[column] = price if column == "price" else text

    @rule(key=st.sampled_from(KEYS), column=st.sampled_from(COLUMNS))
    def clear(self, key, column):
        """One value is gone."""
        if key in self.rows:
            self.rows[key][column] = None

    @precondition(lambda self: len(self.rows) > 1)
    @rule(key=st.sampled_from(KEYS))
    def remove(self, key):
        """One row is gone."""
        self.rows.pop(key, None)

    @rule()
    def undo(self):
        """Everything is again as it was at the last push that went well: only the source may have moved on."""
        self.rows = deepcopy(self.before)

    @rule(key=st.sampled_from(KEYS), price=PRICES, stored=st.booleans(), refused=st.booleans(), back=st.booleans())
    def fault(self, key, price, stored, refused, back):
        """A push in which one entry never gets an answer, or is refused; what changed may be taken back then."""
        self.change(key=key, column="price", text="", price=price)
        event = answer(400, {"errors": [{"message": "no"}]}) if refused else RESET
        self.source.fail(event, key=key, stored=stored and not refused)
        self._note()
        try:
            self._send(changed_only=True)
        except of.PushInterruptedError:
            self.resume = True
        self.source.heal()
        if back:
            self.undo()

    @rule(after=st.integers(0, 12), changed_only=st.booleans())
    def kill(self, after, changed_only):
        """A push whose process dies at some write of the journal."""
        self._note()
        push_and_die(self.patch, after, lambda: self._send(changed_only=changed_only))
        self.resume = True

    @rule(key=st.sampled_from(KEYS), price=PRICES, after=st.integers(4, 8))
    def relapse(self, key, price, after):
        """A change, a death around the time it is sent, and the change taken back."""
        self.change(key=key, column="price", text="", price=price)
        self.kill(after=after, changed_only=True)
        self.undo()

    @rule(changed_only=st.booleans())
    def push(self, changed_only):
        """A push to which nothing happens, after which the source is as the table says."""
        self._note()
        report = self._send(changed_only=changed_only, resume=self.resume and changed_only)
        self.resume, self.before = False, deepcopy(self.rows)
        assert report.ok
        assert sum(report.counts[name] for name in ("accepted", "unchanged")) == len(self.rows)
        assert self.source.entries == self._expected()
        sent = len(self.source.imports)
        assert self._send(changed_only=True).counts["unchanged"] == len(self.rows)
        assert len(self.source.imports) == sent

    def teardown(self):
        """Nothing is left."""
        self.patch.undo()
        self.folder.cleanup()

    def _send(self, **options):
        schema = {"sku": pl.String, "name_en": pl.String, "name_sv": pl.String, "price": pl.Float64}
        plan = planned(pl.DataFrame(list(self.rows.values()), schema=schema), nulls=self.nulls)
        connection = connection_to(self.source, Path(self.folder.name))
        mirror = {"mirror": True, "max_delete": 1.0} if self.mirror else {}
        return plan.push("products", connection=connection, concurrency=2, progress=False, **mirror, **options)

    def _note(self):
        """What has been tried to push: its values may be there."""
        for key, values in expected(pl.DataFrame(list(self.rows.values()), infer_schema_length=None)).items():
            self.pushed.setdefault(key, {}).update(values)

    def _expected(self):
        cleared = {("name", "en"): "", ("name", "sv"): "", ("price", None): ""}
        frame = pl.DataFrame(list(self.rows.values()), infer_schema_length=None)
        return {key: cleared | values for key, values in expected(frame).items()}


class Merges(Edits):
    """The same with ``nulls="skip"`` and without ``mirror``: the source is the merge of all tables pushed."""

    nulls, mirror = "skip", False

    def __init__(self):
        super().__init__()
        self.certain = {}

    def _expected(self):
        """The table's own values, and beside them nothing that was not pushed before."""
        now = expected(pl.DataFrame(list(self.rows.values()), infer_schema_length=None))
        for key, values in now.items():
            self.certain.setdefault(key, {}).update(values)
        held = self.source.entries
        assert set(held) == set(self.pushed) or set(self.certain) <= set(held) <= set(self.pushed)
        for key, values in self.certain.items():
            assert all(held[key][identity] == value for identity, value in now.get(key, {}).items())
            assert set(values) <= set(held[key]) <= set(self.pushed[key])
        return held


MACHINES = pytest.mark.parametrize("machine", [Edits, Merges])


@MACHINES
def test_a_source_is_what_its_table_says(machine):
    """After any few edits, faults and deaths."""
    quick = settings(max_examples=6, stateful_step_count=12, deadline=None, derandomize=True)
    run_state_machine_as_test(machine, settings=quick)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@MACHINES
def test_a_source_is_what_its_table_says_after_a_thousand_sequences(machine):
    """A thousand sequences of edits."""
    long = settings(max_examples=1_000, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(machine, settings=long)
