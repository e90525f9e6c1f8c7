"""The command line: options in, a library call, files out. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import sys

import typer

from neurosieve.cli.ablate import ablate
from neurosieve.cli.bench import bench
from neurosieve.cli.choose import choose
from neurosieve.cli.explain import explain
from neurosieve.cli.export import export
from neurosieve.cli.extract import extract
from neurosieve.cli.finetune import finetune
from neurosieve.cli.front import front
from neurosieve.cli.info import info
from neurosieve.cli.inspect import inspect
from neurosieve.cli.models import models
from neurosieve.cli.nested import nested
from neurosieve.cli.paper import paper
from neurosieve.cli.predict import predict
from neurosieve.cli.rankings import rankings
from neurosieve.cli.run import demo, general, run, task
from neurosieve.cli.shrink import shrink
from neurosieve.errors import NeurosieveError

INTERRUPTED = 130

app = typer.Typer(
    name="neurosieve",
    help="Find what is redundant in a pretrained transformer and keep the small model that is left.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(run)
app.command()(task)
app.command()(general)
app.command()(extract)
app.command()(finetune)
app.command()(paper)
app.command()(rankings)
app.command()(inspect)
app.command()(nested)
app.command()(front)
app.command()(choose)
app.command()(ablate)
app.command()(models)
app.command()(predict)
app.command()(explain)
app.command()(bench)
app.command()(export)
app.command()(shrink)
app.command()(info)


def main() -> None:
    """Entry point: a user's mistake ends with one line, status 2 for wrong use and 1 for failure."""
    try:
        app()
    except NeurosieveError as error:
        typer.echo(f"neurosieve: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        typer.echo(f"neurosieve: {error.strerror or error}{where}. What was finished is kept; run it again.", err=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer catches the interrupt itself, and says nothing
            typer.echo("neurosieve: interrupted. What was extracted is kept; the next run goes on there.", err=True)
        raise
