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
# # A first push
#
# From a spreadsheet with a few dirty cells to a published shop in three languages, and back. Everything happens on this
# machine: the sandbox speaks the platform's HTTP contract on 127.0.0.1. With an account, only the connection differs.

# %%
from contextlib import ExitStack
from importlib.resources import files

import pandas as pd

import occtoo_frames as of

catalogue = pd.read_excel(files("occtoo_frames") / "_cli" / "sample" / "catalogue.xlsx", dtype={"gtin": str})
catalogue.head(3)

# %% [markdown]
# ## Look first
#
# A plan touches no network. It finds the languages in the names of the columns, and says why it took `weight_kg` for no
# language.

# %%
plan = of.plan(catalogue, key="sku", lang_cols="auto")
plan

# %% [markdown]
# Five rows cannot be pushed: a missing key, a key with a space, one with an `@`, and two rows of the same key. Each
# problem comes with a hint.

# %%
plan.problems[["row", "key", "rule", "message", "hint"]]

# %%
assert sorted(plan.problems["rule"]) == [
    "key-characters",
    "key-characters",
    "key-duplicate",
    "key-duplicate",
    "key-missing",
]

# %% [markdown]
# ## Push the good rows
#
# Without `on_invalid="skip"` nothing would be sent while a row is bad. The sandbox is the default connection from here
# to the last cell.

# %%
open_things = ExitStack()
box = open_things.enter_context(of.sandbox())
box.add_source("products")
report = catalogue.occtoo.push("products", key="sku", lang_cols="auto", on_invalid="skip")
report

# %% [markdown]
# Every row has an outcome and the numbers add up. What did not arrive is a table of your own rows, with the reasons,
# ready to be mended.

# %%
assert sum(report.counts[name] for name in ("accepted", "rejected", "not_sent", "unknown", "unchanged")) == len(
    catalogue
)
report.failed()

# %% [markdown]
# ## Publish and read back
#
# Publishing is done in the platform's studio; the sandbox has a method for it. Imports are processed in the background:
# `settle` waits for that.

# %%
shop = box.publish(
    "shop",
    "products",
    source="products",
    languages=["en", "sv", "de"],
    types={"tags": "List", "related": "List"},
    facets=["category", "color"],
)
box.settle()
read = of.read_destination(shop, language=["en", "sv", "de"])
read[["id", "name_en", "name_sv", "name_de", "category", "price", "tags"]].head()

# %% [markdown]
# What came back is what was sent: every name in every language.

# %%
sent = catalogue.drop(index=plan.problems["row"]).set_index("sku").sort_index()
came = read.set_index("id").sort_index()
for language in ("en", "sv", "de"):
    assert came[f"name_{language}"].fillna("").tolist() == sent[f"name_{language}"].fillna("").tolist()
len(came)

# %% [markdown]
# ## Ask for a part of it

# %%
of.read_destination(
    shop,
    language="de",
    where={"category": ["Seating", "Tables"], "price": of.between(500, 2500)},
    columns=["name", "category", "price"],
    sort=["-price"],
    limit=5,
)

# %%
of.read_facets(shop, language="en")

# %% [markdown]
# ## Tidy up

# %%
open_things.close()
