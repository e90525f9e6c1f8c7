"""Options that commands share reach them, and stand in their help under their group's name."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from neurosieve.cli.app import app as whole
from neurosieve.cli.given import given_options
from neurosieve.cli.groups import takes


class Colours:
    """Colours."""

    red: Annotated[int, typer.Option(help="How red.")] = 1
    green: Annotated[str | None, typer.Option("--verdant", help="How green.")] = None


class Sizes:
    """Sizes."""

    width: Annotated[float, typer.Option(help="How wide.")] = 0.5


def invoke(command: Any, *args: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, args, catch_exceptions=False)


def test_a_command_reads_shared_options_from_its_context() -> None:
    seen: dict[str, Any] = {}

    @takes(Colours, Sizes)
    def paint(ctx: typer.Context, what: Annotated[str, typer.Option()]) -> None:
        """Paint."""
        seen.update(given_options(ctx), own=what)

    assert invoke(paint, "--what", "wall", "--verdant", "much", "--width", "2").exit_code == 0
    assert seen == {"what": "wall", "green": "much", "width": 2.0, "own": "wall"}


def test_a_command_that_asks_for_them_is_given_their_values() -> None:
    seen: dict[str, Any] = {}

    @takes(Colours)
    def paint(what: Annotated[str, typer.Option()] = "door", **shared: Any) -> None:
        """Paint."""
        seen.update(shared, what=what)

    assert invoke(paint, "--red", "7").exit_code == 0
    assert seen == {"red": 7, "green": None, "what": "door"}


def test_a_shared_option_is_checked_as_any_other() -> None:
    @takes(Colours)
    def paint() -> None:
        """Paint."""

    found = invoke(paint, "--red", "very")
    assert found.exit_code == 2
    assert "Invalid value for '--red'" in found.output


def test_the_help_shows_groups() -> None:
    @takes(Colours, Sizes)
    def paint() -> None:
        """Paint."""

    lines = invoke(paint, "--help").output
    assert lines.index("Options") < lines.index("Colours") < lines.index("--verdant") < lines.index("Sizes")
    assert "How wide." in lines[lines.index("Sizes") :]


@pytest.mark.parametrize("name", ["run", "task", "general", "extract", "finetune", "paper", "rankings"])
def test_no_option_stands_twice(name: str) -> None:
    command = typer.main.get_command(whole).commands[name]  # type: ignore[attr-defined]
    flags = [flag for option in command.params for flag in (*option.opts, *option.secondary_opts)]
    assert len(flags) == len(set(flags))
    assert {"--out", "--device", "--json"} <= set(flags)
