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
# # Pictures
#
# From a spreadsheet with links to pictures to published products that carry them. Everything happens on this machine:
# a small web server stands in for the shop's picture host, the sandbox for the platform. With an account, only the
# connection differs.

# %%
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread

import pandas as pd

import occtoo_frames as of

# %% [markdown]
# ## A host of pictures
#
# Three pictures; the fourth link of the spreadsheet is dead.

# %%
folder = Path(mkdtemp())
for name, colour in {"chair": "#3b6ea5", "sofa": "#2d7d46", "lamp": "#d4a72c"}.items():
    (folder / f"{name}.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><rect width="120" height="80" fill="{colour}"/></svg>'
    )


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
Thread(target=host.serve_forever, daemon=True).start()
pictures = f"http://127.0.0.1:{host.server_port}"

products = pd.DataFrame(
    {
        "sku": ["chair-1", "sofa-2", "lamp-3", "rug-4"],
        "name": ["Blue chair", "Green sofa", "Small lamp", "Round rug"],
        "picture": [f"{pictures}/{name}.svg" for name in ("chair", "sofa", "lamp", "rug")],
    }
)
products

# %% [markdown]
# ## A platform
#
# The sandbox fetches links only from hosts that its owner named.

# %%
stack = ExitStack()
box = stack.enter_context(of.sandbox(media_hosts=["127.0.0.1"]))
box.add_source("media")
box.add_source("products")

# %% [markdown]
# ## Five lines
#
# The pictures go up, their entries into one source, the products with the ids of their pictures into another.

# %%
report = products.occtoo.push_media(link="picture", unique_identifier="sku")
report.entries().occtoo.push("media", key="file_id")
linked = of.link_media(products, report, "imageIds")
linked.occtoo.push("products", key="sku", properties=["name", "imageIds"])
report

# %% [markdown]
# Every row has a state. The rug's link is dead, so it fails, with the reason, and comes back ready to be mended:

# %%
report.rows[["unique_identifier", "state", "mime_type", "width", "height", "reason"]]

# %%
mended = report.failed().assign(picture=f"{pictures}/lamp.svg")
mended.occtoo.push_media(link="picture", unique_identifier="sku").counts

# %% [markdown]
# ## Published
#
# A relation brings the pictures' entries to the products.

# %%
url = box.publish(
    "shop",
    "products",
    source="products",
    languages=["en"],
    types={"imageIds": "List"},
    relations={"images": ("media", "imageIds")},
)
box.settle()
read = of.read_destination(url, frame="polars")
read.select("id", "name", "images")

# %% [markdown]
# ## Again
#
# The same call sends nothing twice. A new picture under an old identifier is `on_existing="replace"`: the old one is
# deleted only after the platform has taken the new one.

# %%
products[:3].occtoo.push_media(link="picture", unique_identifier="sku").counts

# %%
newer = products[:1].assign(picture=f"{pictures}/sofa.svg")
newer.occtoo.push_media(link="picture", unique_identifier="sku", on_existing="replace").counts

# %%
of.read_media(products["sku"])[["unique_identifier", "state", "filename", "public_url"]]

# %%
stack.close()
host.shutdown()
