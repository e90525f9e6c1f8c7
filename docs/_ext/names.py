"""References to types lead to where they are public, whatever module a class was written in.

Signatures name ``neurosieve.moments.result.Moments``, and readers know ``neurosieve.moments.Moments``. What belongs to
another library, or is of no use outside, is shown without a link.
"""

from __future__ import annotations

from collections import defaultdict

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import NoUri
from sphinx.util.nodes import make_refnode

MEMBERS = ("attribute", "property", "method", "classmethod", "staticmethod")


def public(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, text: nodes.TextElement) -> nodes.Node:
    """Find the documented object of this name; of several the one that is nearest to where it was written."""
    if node.get("refdomain") != "py":
        raise NoUri
    target, domain = node["reftarget"], env.get_domain("py")
    found = _named(app, env, target.rpartition(".")[2])
    written = node.get("py:module") or ""
    found.sort(key=lambda name: (-_shared(name, target), -_shared(name, written), len(name)))
    if not found or node.get("reftype") not in ("class", "obj", "exc", "data", "func"):
        return text
    place = domain.objects[found[0]]  # type: ignore[attr-defined]
    return make_refnode(app.builder, node["refdoc"], place.docname, place.node_id, text, found[0])


def _named(app: Sphinx, env: BuildEnvironment, last: str) -> list[str]:
    """The documented objects whose name ends so."""
    if not hasattr(app, "public_names"):  # all pages are read by now
        names = defaultdict(list)
        for name, one in env.get_domain("py").objects.items():  # type: ignore[attr-defined]
            if one.objtype not in MEMBERS:
                names[name.rpartition(".")[2]].append(name)
        app.public_names = names  # type: ignore[attr-defined]
    return list(app.public_names.get(last, ()))  # type: ignore[attr-defined]


def _shared(name: str, other: str) -> int:
    """How many parts two dotted names begin with alike."""
    count = 0
    for one, two in zip(name.split("."), other.split("."), strict=False):
        if one != two:
            break
        count += 1
    return count


def brief(app: Sphinx, domain: str, kind: str, content: nodes.Element) -> None:
    """Contents name classes and functions alone: each attribute would be copied into the contents of every page."""
    if domain == "py" and kind in MEMBERS:
        for signature in content.parent.findall(addnodes.desc_signature):
            signature["_toc_name"] = ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to what Sphinx announces."""
    app.connect("missing-reference", public, priority=900)
    app.connect("object-description-transform", brief)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
