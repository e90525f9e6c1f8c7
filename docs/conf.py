"""How the site is built: `make docs`. Nothing of it is fetched, neither while it is built nor while it is read."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "neurosieve"
author = "The neurosieve developers"
copyright = "The neurosieve developers, Apache-2.0"
release = version = installed("neurosieve")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "commands",
    "docstrings",
    "mathml",
    "messages",
    "names",
    "repository",
]
root_doc = "index"
exclude_patterns = ["_*"]
nitpicky = True
smartquotes = False  # "--text" is an option and no dash

# Code of the pages runs in tests/docs, and notebooks in their own tests: building the site runs nothing.
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "deflist", "attrs_inline"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
# Signatures as they are written; what they name stands where it is public.
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("FloatArray", "IntArray", "BoolArray", "Correlation")}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"neurosieve {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "github-dark"

# `make linkcheck` asks the network; the gate does not.
linkcheck_timeout = 20
linkcheck_retries = 2
