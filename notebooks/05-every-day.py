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
# # A push every day
#
# The same catalogue goes out every day; little of it changes, now and then the network fails, and articles are taken
# out of the range. Everything here happens on this machine, in the sandbox.

# %%
from importlib.resources import files

import pandas as pd

import occtoo_frames as of

box = of.sandbox()
box.add_source("products")
settings = {"key": "sku", "lang_cols": "auto", "connection": box.connection}

dirty = pd.read_excel(files("occtoo_frames") / "_cli" / "sample" / "catalogue.xlsx", dtype={"gtin": str})
monday = dirty.drop(index=of.plan(dirty, "sku", "auto").problems["row"].dropna().unique())
monday.head(3)

# %% [markdown]
# ## Monday: everything
#
# The platform does not know the catalogue yet. A dry run says so, without a request.

# %%
monday.occtoo.push("products", dry_run=True, **settings)

# %%
box.faults("status", on="POST /import", status=403, times=1)
try:
    monday.occtoo.push("products", **settings)
except of.PushInterruptedError as error:
    print(error)

# %% [markdown]
# The source was not granted for a moment. The journal on this machine knows how far the push had come; with
# `resume=True` it goes on there, whatever ended it.

# %%
report = monday.occtoo.push("products", resume=True, **settings)
assert report.counts["accepted"] == len(monday)
report

# %% [markdown]
# ## Tuesday: a few prices
#
# `changed_only=True` compares with what was accepted and sends only the values that differ.

# %%
tuesday = monday.copy()
tuesday.loc[tuesday.index[:3], "price"] += 100
report = tuesday.occtoo.push("products", changed_only=True, **settings)
assert report.counts["accepted"] == 3
report.counts, f"{report.bytes_sent:,} bytes instead of {report.plan.counts['bytes']:,}"

# %% [markdown]
# Nothing changed, nothing sent: not one request.

# %%
report = tuesday.occtoo.push("products", changed_only=True, **settings)
assert report.requests == 0
report

# %% [markdown]
# ## Wednesday: some articles are gone
#
# `mirror=True` deletes what vanished from the table. Look first:

# %%
wednesday = tuesday.iloc[2:]
wednesday.occtoo.push("products", changed_only=True, mirror=True, dry_run=True, **settings)

# %%
report = wednesday.occtoo.push("products", changed_only=True, mirror=True, **settings)
assert report.counts["deleted"] == 2
report.counts

# %% [markdown]
# Had somebody saved half of the table by accident, the brake would have held:

# %%
try:
    wednesday.head(10).occtoo.push("products", changed_only=True, mirror=True, **settings)
except of.PlanError as error:
    print(error)
else:
    raise AssertionError("the brake did not hold")

# %% [markdown]
# ## On another machine
#
# The snapshot belongs to this machine. Another one builds its own from the published endpoint.

# %%
shop = box.publish("shop", "products", source="products", languages=["en", "sv", "de"])
box.settle()
of.forget("products", connection=box.connection)
of.remember("products", shop, connection=box.connection)

# %%
report = wednesday.occtoo.push("products", changed_only=True, mirror=True, **settings)
report.counts

# %% [markdown]
# ## Tidy up

# %%
box.close()
