"""Words that come from outside, in Markdown: shown as they are, never read as markup."""

from __future__ import annotations

import re

# An underscore inside a word is not emphasis in Markdown, so c_t stays as it is.
_SPECIAL = re.compile(r"[\\|*`<~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|](?=\()")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def escaped(text: str) -> str:
    """Words on one line that Markdown shows as they are; control characters are shown as a replacement."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], one_line(text))


def one_line(text: str) -> str:
    """Words on one line without control characters, which a terminal might obey."""
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """The same without control characters, line ends aside."""
    return _CONTROLS.sub("\ufffd", text)
