"""From what was typed to checked settings."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pydantic import ValidationError

    from neurosieve.run.settings import RunSettings

CHOICES = ("sublayers", "measures")  # options that may be given again
SETTING = {"file_format": "format", "limit_words": "limit_text_words"}
NO_TASK = {"task": ["code-roles"]}  # some task has to be named; commands on plain text never look at it


def given_options(ctx: typer.Context, own: Collection[str] = ()) -> dict[str, Any]:
    """What was given on the command line, by the names of `RunSettings`; without the command's ``own`` options."""
    given = {}
    for name, value in ctx.params.items():
        source = ctx.get_parameter_source(name)
        if source is None or source.name == "DEFAULT" or name in ("as_json", "config", "dry_run", *own):
            continue
        plain = [one.value for one in value] if name in CHOICES and value else value
        given[SETTING.get(name, name)] = plain.value if isinstance(plain, StrEnum) else plain
    return given


def checked_settings(given: dict[str, Any], config: Path | None = None) -> RunSettings:
    """Checked settings; what is wrong with them is wrong use.

    Raises:
        typer.BadParameter: a value is out of range, or options do not go together.
        ConfigError: the configuration cannot be read.
    """
    from pydantic import ValidationError

    from neurosieve.run.config import merge, read_config
    from neurosieve.run.settings import RunSettings

    trusted = bool(given.get("trust_remote_code"))
    merged = given if config is None else merge(read_config(config, trust_remote_code=trusted), given)
    try:
        return RunSettings(**merged)
    except ValidationError as error:
        raise misuse(error) from None


def misuse(error: ValidationError) -> typer.BadParameter:
    """What is wrong with settings, as wrong use of the option that they came from; what is missing comes first."""
    found = error.errors()
    first = next((one for one in found if one["type"] == "missing"), found[0])
    parts = [str(part) for part in first["loc"] if not isinstance(part, int) and part != "tasks"]
    option = " ".join(f"--{part.replace('_', '-')}" for part in parts)
    if first["type"] == "missing":
        return typer.BadParameter(f"Missing option '{option}'.")
    return typer.BadParameter(f"{option} {first['msg'].removeprefix('Value error, ')}".strip())
