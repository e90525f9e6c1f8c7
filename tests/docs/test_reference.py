"""What is made from the code is made from all of it, and what is written by hand says what the code says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

pytest.importorskip("sphinx")
sys.path.insert(0, str(DOCS / "_ext"))
commands = pytest.importorskip("commands")
messages = pytest.importorskip("messages")


def test_every_command_has_a_page() -> None:
    pages = {path.stem for path in (DOCS / "reference/commands").glob("*.md")} - {"index"}
    assert pages == set(commands.commands())
    for name in pages:
        assert f"{{command}} {name}\n" in (DOCS / f"reference/commands/{name}.md").read_text(encoding="utf-8")


def test_every_option_is_described() -> None:
    described = commands.described("run")
    for parameter in commands.commands()["run"].params:
        assert f"{{option}} {parameter.opts[0]}" in described
    assert "--protocol <default|paper>" in described
    assert "Default: `--compare-scores`" in described
    assert "COMPACT\n: Folder of a compact model. Required." in commands.described("predict")


def test_every_message_of_the_page_is_one_of_the_code() -> None:
    page = (DOCS / "reference/errors.md").read_text(encoding="utf-8")
    said = re.findall(r"^> `(.+)`$", page, flags=re.MULTILINE)
    assert len(said) > 50
    source = "\n".join(_texts())
    missing = [message for message in said if not _found(message, source)]
    assert missing == []


def test_all_messages_are_listed() -> None:
    found = list(messages.raised())
    assert len(found) > 350
    assert {name for name, _, _ in found} == set(messages.CLASSES)
    assert ("ConfigError", "run/config", "The configuration … cannot be read: …. Name a TOML file.") in found


def _texts() -> list[str]:
    """Every string of the package, one a line, with an ellipsis where something is filled in."""
    import ast

    texts = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr | ast.Constant):
                texts.append(messages.written(node).replace("\n", " "))
    return texts


def _found(message: str, source: str) -> bool:
    """Whether the message's parts stand in one text of the source, in order."""
    parts = [part for part in message.split("…") if part.strip(" .:;,()")]
    pattern = r"[^\n]*".join(re.escape(part) for part in parts)
    return re.search(pattern, source) is not None


def test_every_reference_is_cited_by_a_page() -> None:
    listed = re.findall(r"^## (.+)$", (DOCS / "references.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert listed == sorted(listed, key=str.lower)
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md") if path.name != "references.md")
    for name in listed:
        first, year = name.split()[0], name[-4:]
        link = f"references.md#{name.lower().replace(' ', '-').replace('.', '')}"
        assert link in pages or re.search(rf"{first}[^\n]{{0,60}}{year}", pages), name
