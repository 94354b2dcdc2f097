# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A table into CareCloud, and back
#
# From a table to a sync file, through the portal's signed address, and back by a query. Everything happens on this
# machine: the sandbox has a portal of its own. With an account, only the connection differs.

# %%
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pandas as pd

import occtoo_frames as of

members = pd.DataFrame(
    {
        "member": ["m-1", "m-2", "m-3", "m-4"],
        "name": ["Ann | Bo", "Cleo\nDora", "", "Eve"],
        "born": [date(1990, 1, 2), date(1985, 12, 31), date(2001, 5, 6), None],
        "visits": [3, 0, 7, 1],
        "tags": [["new", "vip"], None, ["new"], ["a, b"]],
    }
)
members

# %% [markdown]
# ## What the file cannot hold
#
# An empty text is written like a null, and an element with a comma would become two. Both are problems with a row, a
# column and a hint; no value is shown, since these tables are personal.

# %%
try:
    of.carecloud.write_sync_file(members, "members.cc5txt", entity="family_member", key="member")
except of.InvalidRowsError as error:
    problems = error.problems
assert problems[["row", "column", "rule"]].values.tolist() == [
    [2, "name", "value-empty"],
    [3, "tags", "value-separator"],
]
problems[["row", "key", "column", "rule", "hint"]]

# %% [markdown]
# Lists declared as JSON may hold commas, and here an empty name is as good as none.

# %%
said = {"entity": "family_member", "key": "member", "types": {"tags": "list"}, "empty_text": "null"}
written = of.carecloud.write_sync_file(members, "members.cc5txt", **said)
print(Path("members.cc5txt").read_text())

# %% [markdown]
# ## Import it
#
# The file goes to a signed address, is imported, and its state is asked for until it has ended.

# %%
open_things = ExitStack()
box = open_things.enter_context(of.sandbox())
report = of.carecloud.import_file(members, **said)
assert report.counts["accepted"] == len(members)
report

# %% [markdown]
# ## Ask for it
#
# Dates are texts in the portal unless the schema says that they are dates.

# %%
import polars as pl

found = of.carecloud.query("family_member", {"visits": of.between(1, None)}, schema={"born": pl.Date})
assert found["entityId"].tolist() == ["m-1", "m-3", "m-4"]
found

# %% [markdown]
# ## When the answer stays out
#
# A gateway stands before the portal and gives up after some seconds while the import goes on. The import is not asked
# for again: the file's state tells how it ended.

# %%
box.faults("gateway_timeout", on="/appdata/import/file/async")
again = of.carecloud.import_file(members, **said)
assert again.ok
{route: count for route, count in box.requests_seen.items() if "import" in route}

# %% [markdown]
# ## Tidy up

# %%
open_things.close()
Path("members.cc5txt").unlink()
