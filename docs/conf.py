"""How the pages are built: MyST Markdown, the reference from docstrings, every warning an error in `make test`."""

from importlib.metadata import version as _version_of

project = "occtoo_frames"
author = "The occtoo_frames authors"
project_copyright = "2026, the occtoo_frames authors"
release = version = _version_of("occtoo_frames")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = False

myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "occtoo_frames"
html_static_path = ["_static"]
html_copy_source = False
html_theme_options = {"footer_icons": [], "navigation_with_keys": True}
