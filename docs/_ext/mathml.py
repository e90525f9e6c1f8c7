"""Formulas as MathML, which browsers draw by themselves: no script, no font, no request.

The other renderer of Sphinx that is read in a browser, MathJax, is fetched from a network by default.
"""

from __future__ import annotations

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.writers.html5 import HTML5Translator

LEFT = re.compile(r"<m[a-z]+>(\\\w*|&)</m")  # what the converter passes on as it was


def mathml(latex: str, display: str) -> str:
    """The formula, or an error that quotes it: what cannot be converted must not reach a reader as source."""
    try:
        found = convert(latex, display=display)
    except Exception as error:
        raise SphinxError(f"The formula {latex!r} cannot be converted to MathML: {error!r}.") from error
    if left := LEFT.search(found):
        raise SphinxError(f"The formula {latex!r} has {left[1]!r}, which latex2mathml does not know.")
    return found


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """A formula inside a sentence."""
    self.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """A formula by itself, with its number where it has a label."""
    self.body.append(self.starttag(node, "div", CLASS="formula"))
    self.body.append(mathml(node.astext(), "block"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({node["number"]})</span>')
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer `mathml`."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
