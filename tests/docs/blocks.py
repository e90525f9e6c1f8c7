"""The fenced blocks of a page, and what runs them: shell and Python, one after the other, in one folder.

A block is not run where a comment ``<!-- not run: WHY -->`` stands before it. ``<!-- file: NAME -->`` before a block
makes it a file. A block of text behind one that runs is what it prints; there "…" stands for any lines.
"""

from __future__ import annotations

import io
import os
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from neurosieve import cli

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"(?:<!-- (not run|file): (.*?) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[−+-]?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, whether it runs, the file it makes, and what it prints."""

    language: str
    text: str
    runs: bool
    file: str | None
    printed: str | None


def blocks(page: str) -> list[Block]:
    """The blocks of a page of docs that run or are files."""
    found = [match.groups() for match in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8"))]
    after = [*found[1:], (None, None, "", "")]
    return [
        Block(
            language,
            text,
            note is None and language in ("bash", "python"),
            said if note == "file" else None,
            next_text if next_language == "text" else None,
        )
        for (note, said, language, text), (_, _, next_language, next_text) in zip(found, after, strict=True)
        if language != "text"
    ]


def run(page: str, folder: Path) -> Iterator[tuple[Block, str]]:
    """Run a page in a folder: each block with what it printed."""
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        if block.runs:
            with _at(folder) as out:
                if block.language == "python":
                    exec(compile(block.text, page, "exec"), names)
                else:
                    for line in block.text.replace("\\\n", " ").splitlines():
                        _shell(line)
            yield block, out.getvalue()


def _shell(line: str) -> None:
    """A line of the shell: `neurosieve …` or `python -m neurosieve.…`, from a pipe that `echo` fills, or not."""
    words = shlex.split(line, comments=True)
    if not words:
        return
    stdin = ""
    if words[0] == "echo":
        assert words[2] == "|", line
        stdin, words = words[1] + "\n", words[3:]
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")):
        if words[0] == "neurosieve":
            status = _status(cli.main, words)
        else:
            assert words[:2] == ["python", "-m"], f"no test runs {line!r}; mark its block as not run"
            status = _status(lambda: runpy.run_module(words[2], run_name="__main__"), words[2:])
    assert status == 0, line


def _status(call: object, words: list[str]) -> int:
    with mock.patch.object(sys, "argv", words):
        try:
            call()  # type: ignore[operator]
        except SystemExit as end:
            return int(end.code or 0)
    return 0


@contextmanager
def _at(folder: Path) -> Iterator[io.StringIO]:
    surroundings = {"COLUMNS": "200", "HF_HUB_OFFLINE": "1", "NEUROSIEVE_CACHE": str(folder / "cache")}
    with chdir(folder), mock.patch.dict(os.environ, surroundings), redirect_stdout(io.StringIO()) as out:
        yield out


def agrees(printed: str, said: str) -> bool:
    """Whether what came out is what the page says, numbers aside, and line ends, which move with the numbers."""
    parts = [NUMBER.sub("#", part) for part in re.split(r"^…$", said, flags=re.MULTILINE)]
    pattern = r".*".join(re.escape(" ".join(part.split())) for part in parts)
    return re.fullmatch(rf" *{pattern} *", " ".join(NUMBER.sub("#", printed).split())) is not None
