"""Every public name, and links to it from plain `name` in text and docstrings."""

import importlib
import pkgutil
import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.nodes import make_refnode

import sklearn_orn

# Strategies are called `images` or `scores`: in text that means something else.
PLAIN_WORDS = "sklearn_orn.testing.strategies"


def public_names():
    """Return short name -> full name; an object in two places has the shorter."""
    found = {"sklearn_orn": sklearn_orn}
    for module in pkgutil.walk_packages(sklearn_orn.__path__, "sklearn_orn."):
        if not any(part.startswith("_") for part in module.name.split(".")):
            found[module.name] = importlib.import_module(module.name)
    names = {}
    for path in sorted(found, key=lambda path: path.count(".")):
        for name in getattr(found[path], "__all__", ()):
            if not name.startswith("__"):
                names.setdefault(name, f"{path}.{name}")
    return results() | names


def results():
    """Return the same of the classes that functions return, from the API page."""
    page = (Path(__file__).parents[1] / "api.rst").read_text(encoding="utf-8")
    names, room = {}, ""
    for line in page.splitlines():
        if line.startswith(".. currentmodule::"):
            room = line.split()[-1]
        elif re.fullmatch(r"   _\w+(\.\w+)+", line):
            names[line.rpartition(".")[2]] = f"{room}.{line.strip()}"
    return names


def link_plain_name(app, env, node, contnode):
    """Resolve a reference that gives a name without its module, or with another."""
    last = node.get("reftarget", "").rpartition(".")[2]
    full = app.public_names.get(last)
    if full is None or node.get("refdomain") not in ("py", ""):
        return None
    return _reference(app, env, node["refdoc"], full, contnode)


def _reference(app, env, document, full, contnode):
    entry = env.get_domain("py").objects.get(full)
    if entry is None:
        return None
    return make_refnode(
        app.builder, document, entry.docname, entry.node_id, contnode, full
    )


def link_literals(app, doctree):
    """Turn `name` in a Markdown page into a reference to the API page of the name."""
    document = app.env.docname
    if not str(app.env.doc2path(document)).endswith(".md"):
        return
    for node in list(doctree.findall(nodes.literal)):
        name = node.astext().removesuffix("()")
        if name.startswith("sklearn_orn."):
            name = name.rpartition(".")[2]
        target = app.public_names.get(name, PLAIN_WORDS)
        if target.startswith(PLAIN_WORDS) or isinstance(node.parent, nodes.reference):
            continue
        reference = pending_xref(
            "", refdomain="py", reftype="obj", reftarget=target, refdoc=document
        )
        node.replace_self(reference)
        reference += node


def skip_what_others_document(app, what, name, obj, skip, options):
    """Leave out routing methods, which scikit-learn makes, and fields of tuples."""
    routing = name.startswith("set_") and name.endswith("_request")
    field = type(obj).__name__ == "_tuplegetter"
    return True if routing or field else None


def setup(app):
    """Connect all."""
    app.public_names = public_names()
    app.connect("autodoc-skip-member", skip_what_others_document)
    app.connect("missing-reference", link_plain_name)
    app.connect("doctree-read", link_literals)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
