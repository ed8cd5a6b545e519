"""Sphinx: how the documentation is built. Offline, and every warning is an error."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
# The examples' matrices are small: threads cost more than they give.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(HERE / "_ext"))

from public_names import public_names  # noqa: E402

from sklearn_orn import __version__  # noqa: E402

project = "sklearn-orn"
author = "The sklearn-orn developers"
copyright = author
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    # Our own, in _ext:
    "mathml",
    "public_names",
    "feature_pages",
    "checked_table",
    "command_help",
    "house_picture",
]
exclude_patterns = ["_build", "_ext", "generated", "sg_execution_times.rst"]
templates_path = ["_templates"]
default_role = "py:obj"

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings say them in words
autosummary_generate = True
# `Kappa` and `kappa` are one file where names of files know no case.
autosummary_filename_map = {
    name: f"{name}-class"
    for name in public_names().values()
    if name.rpartition(".")[2][0].isupper()
}
autosummary_imported_members = True
numpydoc_show_class_members = False
toc_object_entries_show_parents = "hide"
numpydoc_citation_re = r"\d+"

sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent / "examples"),
    "gallery_dirs": "gallery",
    "filename_pattern": r"[\\/]plot_",
    "ignore_pattern": r"^(?!.*plot_)",
    "within_subsection_order": "gallery_order.GalleryOrder",
    "reset_modules": ("matplotlib", "gallery_order.short_warnings"),
    "backreferences_dir": "reference/used",
    "doc_module": ("sklearn_orn",),
    "reference_url": {"sklearn_orn": None},
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "ignore_repr_types": r"matplotlib|sklearn_orn|tuple|list",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "plot_gallery": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "sklearn-orn"
html_static_path = ["_static"]
html_css_files = ["orn.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "sklearn-orn"},
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "show_prev_next": False,
    "footer_start": ["research-use"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = dict.fromkeys(
    ["index", "coming-from", "glossary", "house", "changelog"], []
)
