"""What the page may do: its own style, its own script by its hash, and nothing from anywhere else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

SCRIPTS = (
    "dom",
    "numbers",
    "scales",
    "picture",
    "explore",
    "downloads",
    "table",
    "figure",
    "heat",
    "cka",
    "legend",
    "dendrogram",
    "cut",
    "layers",
    "curves",
    "classes",
    "bars",
    "front",
    "finding",
    "cluster",
    "browser",
    "main",
)
"""In the order in which they are joined; each is a file of ``templates/page``."""


@cache
def script() -> str:
    """The one script of the page; its names are its own."""
    folder = resources.files("neurosieve.report") / "templates" / "page"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8").strip() for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n\n".join(parts) + "\n})();"


def policy(code: str) -> str:
    """The content security policy of a page whose only script is ``code``.

    Styles are inline: figures set them on their elements. Pictures are those that the page makes for its own downloads.
    """
    digest = base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
