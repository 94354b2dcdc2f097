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
# # A survey into DATATILE
#
# A table of answers becomes an SPSS file with labels, goes into a collector, and comes back equal. The collector is the
# sandbox's, on this machine; with an account, only address and token differ.
#
# SPSS files need an extra of their own: `pip install ".[sandbox,spss]"` in a clone.

# %%
import pandas as pd
import polars as pl

import occtoo_frames as of

answers = pl.DataFrame(
    {
        "Respondent nr": range(1, 7),
        "sex": [1, 2, 2, 1, 2, None],
        "Mood": ["good", "so-so", "good ", "bad", None, "good"],
        "weight": [0.91, 1.2, 1.0, 1.13, 0.87, 1.0],
        "answered": pl.date_range(pl.date(2026, 3, 1), pl.date(2026, 3, 6), eager=True),
    }
)
answers

# %% [markdown]
# ## Look first
#
# An SPSS file cannot hold every table, and the libraries that write it do not say so. Here a name has spaces, a text has
# a space at its end that would be cut off, and a missing text would become an empty one.

# %%
of.datatile.check(answers).select("row", "column", "rule", "value", "hint")

# %%
assert of.datatile.check(answers)["rule"].to_list() == ["variable-name", "value-trailing-space", "null-text"]

# %% [markdown]
# ## Mend it, and label it
#
# The mood is one of three, in an order: an enum becomes codes with labels, and a missing one stays missing. The labels of
# everything else stand in a codebook, as they do in most surveys.

# %%
mended = answers.with_columns(pl.col("Mood").str.strip_chars().cast(pl.Enum(["bad", "so-so", "good"])))
codebook = pd.DataFrame(
    {
        "column": ["sex", "sex", "weight"],
        "label": ["Sex", "Sex", "Weight of the answer"],
        "value": [1, 2, None],
        "value_label": ["female", "male", None],
    }
)
assert of.datatile.check(mended, labels=codebook, names="safe").is_empty()

# %% [markdown]
# ## Upload
#
# The file is written, sent and followed until its job has ended. The renamed column keeps its name as its label.

# %%
box = of.sandbox()
box.connection.__enter__()

report = of.datatile.upload(mended, target=box.datatile_folder, labels=codebook, names="safe", name="survey 2026")
report

# %%
assert report.ok and report.counts["accepted"] == 6
report.columns

# %% [markdown]
# ## Add to it, once
#
# An append must not happen twice. Here the connection is cut after the collector has taken the file: the package does not
# send it again, says that nobody knows, and what to look at.

# %%
box.faults("cut_after", on="POST /api/v2/upload/append")
unsure = of.datatile.upload(mended.head(2), target=report.database, mode="append", labels=codebook, names="safe")
unsure

# %%
assert unsure.outcome == "unknown" and unsure.requests == 1
box.collector.settle(timeout_s=30)
box.collector.databases()

# %% [markdown]
# Eight rows: it had been taken. A reload cannot happen twice, and is repeated until it is known to be done.

# %%
assert box.collector.databases() == {report.database: 8}
box.faults("cut_after", on="POST /api/v2/upload/reload")
again = of.datatile.upload(mended, target=report.database, mode="reload", labels=codebook, names="safe")
assert again.ok and again.retries >= 1
again

# %% [markdown]
# ## Back again
#
# What the collector holds, taken out as a file: values, types and labels are those that went in.

# %%
box.collector.export(report.database, "back.zsav")
back = of.datatile.read_file("back.zsav", frame="polars")
assert back.frame.rename({"Respondent_nr": "Respondent nr"}).equals(mended)
back.frame

# %%
back.labels, back.value_labels

# %%
box.connection.__exit__(None, None, None)
box.close()
