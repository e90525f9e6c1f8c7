"""Links between the site and the rest of the repository, written as a forge reads them: paths of files.

- A page with ``repository: PATH`` at its top shows that file of the repository as a page; the links in it are turned.
- A link to a file outside of ``docs`` leads to its page, where it has one, and else to the file's text, which becomes
  a page of the site (as viewcode does with modules).
- A link to a folder leads to the page made of its README.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHOWN = re.compile(r"\A---\nrepository: (\S+)\n---\n")
LINK = re.compile(r"(\]\()(?!\w+:|#)([^)\s]+)(\))")
FENCE = re.compile(r"^(```.*?^```)$", re.MULTILINE | re.DOTALL)


def pages() -> dict[Path, str]:
    """Which files of the repository have a page, and its name."""
    found = {}
    for page in sorted(DOCS.rglob("*.md")):
        if shown := SHOWN.match(page.read_text(encoding="utf-8")):
            found[ROOT / shown[1]] = page.relative_to(DOCS).with_suffix("").as_posix()
    return found


def turned(text: str, here: Path, there: Path) -> str:
    """The text of a file in the folder ``here`` with its links as seen from the folder ``there``."""

    def turn(link: re.Match[str]) -> str:
        return link[1] + os.path.relpath(here / link[2], there).replace(os.sep, "/") + link[3]

    parts = FENCE.split(text)
    return "".join(part if part.startswith("```") else LINK.sub(turn, part) for part in parts)


def show_file(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put the file in the place of the page that names it."""
    if shown := SHOWN.match(content[0]):
        file = ROOT / shown[1]
        app.env.note_dependency(str(file))
        content[0] = turned(file.read_text(encoding="utf-8"), file.parent, (DOCS / docname).parent)


def linked(env: BuildEnvironment) -> dict[str, set[str]]:
    """The files outside of ``docs`` that each page links to."""
    if not hasattr(env, "repository_links"):
        env.repository_links = {}  # type: ignore[attr-defined]
    return env.repository_links  # type: ignore[attr-defined,no-any-return]


def lead(app: Sphinx, document: nodes.document) -> None:
    """Give links to files and folders of the repository a place on the site."""
    docname = app.env.docname
    here, known = (DOCS / docname).parent, pages()
    linked(app.env)[docname] = set()
    for link in [*document.findall(addnodes.download_reference), *document.findall(addnodes.pending_xref)]:
        place, _, anchor = link["reftarget"].partition("#")
        if link.get("refdomain") == "doc" and Path(place).is_absolute():  # MyST's name of a page outside of docs
            place, anchor = f"{place}.md", link.get("reftargetid") or ""
        elif link.get("reftype") != "myst" or link.get("refdomain"):
            continue
        target = (here / place).resolve()
        if target.is_dir() and place:
            target = target / "README.md"
        if not target.is_file():
            continue  # MyST looks for it elsewhere, and warns
        page = known.get(target)
        if target.is_relative_to(DOCS) and target.suffix == ".md":
            page = target.relative_to(DOCS).with_suffix("").as_posix()
        if page:
            attributes = {"refdomain": "doc", "reftarget": page, "reftargetid": anchor or None}
            link.replace_self(_pointing(link, attributes))
        elif not target.is_relative_to(DOCS):
            name = target.relative_to(ROOT).as_posix()
            linked(app.env)[docname].add(name)
            uri = app.builder.get_relative_uri(docname, f"repository/{name}") if app.builder.format == "html" else name
            link.replace_self(nodes.reference("", "", *link.children, internal=True, refuri=uri))


def _pointing(link: nodes.Element, attributes: dict[str, Any]) -> addnodes.pending_xref:
    kept = {key: link[key] for key in ("refdoc", "reftype", "refexplicit")}
    found = addnodes.pending_xref("", *link.children, **kept, **attributes)
    found.source, found.line = link.source, link.line
    return found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """The links of a page that is read anew."""
    linked(env).pop(docname, None)


def files(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for each file that a link leads to, in colour."""
    for name in sorted(set().union(*linked(app.env).values())):
        text = (ROOT / name).read_text(encoding="utf-8")
        language = {".py": "python", ".toml": "toml", ".yml": "yaml", ".yaml": "yaml"}.get(Path(name).suffix, "text")
        shown = app.builder.highlighter.highlight_block(text, language, linenos=False)  # type: ignore[attr-defined]
        body = f"<h1>{escape(name)}</h1>\n{shown}"
        yield f"repository/{name}", {"title": name, "body": body, "parents": []}, "page.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to what Sphinx announces."""
    app.connect("source-read", show_file)
    app.connect("doctree-read", lead)
    app.connect("env-purge-doc", forget)
    app.connect("html-collect-pages", files)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
