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
# # Reading
#
# A published shop as a table, as a query, as counts, and as what changed since yesterday. Everything happens on this
# machine: the sandbox speaks the platform's HTTP contract on 127.0.0.1. With an account, only the connection and the
# address differ.

# %%
from contextlib import ExitStack

import polars as pl

import occtoo_frames as of

open_things = ExitStack()
box = open_things.enter_context(of.sandbox())

count = 2_000
numbers = pl.int_range(count, eager=True)
shop_table = pl.DataFrame({"n": numbers}).select(
    sku=pl.format("sku-{}", pl.col("n").cast(pl.String).str.zfill(4)),
    name_en=pl.format("Chair {}", "n"),
    name_sv=pl.when(pl.col("n") % 10 != 0).then(pl.format("Stol {}", "n")),
    category=pl.Series(["Seating", "Tables", "Lighting"]).gather(numbers % 3),
    price=(pl.col("n") * 7 % 1_000).cast(pl.Decimal(10, 2)) + pl.lit("0.95").cast(pl.Decimal(10, 2)),
    stock=pl.col("n") % 17,
    images=pl.format("m{}|m{}", pl.col("n") % 50, (pl.col("n") + 1) % 50),
)
media = pl.DataFrame({"key": [f"m{n}" for n in range(50)], "url": [f"https://cdn.test/{n}.jpg" for n in range(50)]})

for source in ("media", "products"):
    box.add_source(source)
of.push(media, "media", key="key", progress=False)
of.push(shop_table, "products", key="sku", lang_cols={"name": ["en", "sv"]}, progress=False)
shop = box.publish(
    "shop",
    "products",
    source="products",
    languages=["en", "sv"],
    types={"price": "Decimal", "stock": "Integer", "images": "List"},
    facets=["category"],
    relations={"pictures": ("media", "images")},
)
box.settle()

# %% [markdown]
# ## What is there
#
# The destination's OpenAPI document says it all: endpoints, languages, types.

# %%
of.destination(shop)

# %% [markdown]
# ## All of it, in every language

# %%
whole = of.read_destination(shop, language=["en", "sv"], types={"price": pl.Decimal(10, 2)}, frame="polars")
whole.drop("pictures").head(3)

# %%
assert whole.height == count
assert whole["name_sv"].null_count() == count // 10
assert whole["price"].to_list() == shop_table["price"].to_list()

# %% [markdown]
# Prices came back to the penny. Without `types=` they have eighteen places after the point, which is exact for every
# decimal a platform may send; `pl.Decimal(10, 2)` says that two are enough, and a price with three would be an error
# that names the entry, never a rounded price.

# %% [markdown]
# ## A part of it

# %%
of.read_destination(
    shop,
    language="sv",
    where={"category": ["Seating", "Tables"], "price": of.between(100, 200)},
    exclude={"stock": 0},
    columns=["id", "name", "category", "price", "stock"],
    types={"price": pl.Float64},
    sort=["category", "-price"],
    limit=5,
)

# %% [markdown]
# The entries of a relation as rows, each with its parent's id:

# %%
pictures = of.read_destination(shop, explode="pictures", limit=2, frame="polars")
assert pictures.height == 4
pictures

# %% [markdown]
# ## A query that fetches what it needs
#
# A scan is a polars LazyFrame. What the platform can be asked for is asked, and everything is applied once more here.

# %%
scan = of.scan_destination(shop)
dear = scan.filter((pl.col("category") == "Lighting") & (pl.col("price") > 990)).select("id", "name", "price")
print(of.explain(dear))

# %%
expected = whole.filter((pl.col("category") == "Lighting") & (pl.col("price") > 990))["id"]
assert dear.collect()["id"].equals(expected)

# %% [markdown]
# With a table of your own: which prices differ from the price list?

# %%
price_list = shop_table.select(
    "sku", listed=pl.col("price") + pl.when(pl.col("sku") == "sku-0007").then(1).otherwise(0)
)
differing = (
    scan.select("id", "price")
    .join(price_list.lazy(), left_on="id", right_on="sku")
    .filter(pl.col("price") != pl.col("listed"))
)
found = differing.collect()
assert found["id"].to_list() == ["sku-0007"]
found

# %% [markdown]
# ## Counts

# %%
facets = of.read_facets(shop, where={"stock": of.between(1, None)})
facets

# %% [markdown]
# ## What changed
#
# The first time everything is new. The cursor of that read can be saved, and the next read gives what happened since:
# deletions too, which the platform itself never tells of.

# %%
first, cursor = of.read_changes(shop, frame="polars")
cursor.save("cursor.parquet")

of.push(pl.DataFrame({"sku": ["sku-0001", "sku-9999"], "stock": [0, 3]}), "products", key="sku", progress=False)
of.delete(pl.DataFrame({"sku": ["sku-0002"]}), "products", key="sku", progress=False)
box.settle()

changed, cursor = of.read_changes(shop, of.ReadCursor.load("cursor.parquet"), frame="polars")
assert first.height == count
assert changed.select("id", "change").rows() == [
    ("sku-0001", "updated"),
    ("sku-0002", "deleted"),
    ("sku-9999", "created"),
]
changed.select("id", "change", "stock")

# %% [markdown]
# ## Tidy up

# %%
open_things.close()
