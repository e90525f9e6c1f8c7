"""The command line: options in, a library call, files out. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from neurosieve.cli.ablate import ablate
from neurosieve.cli.bench import bench
from neurosieve.cli.choose import choose
from neurosieve.cli.compare import compare
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
from neurosieve.markdown import printable

_STOPPED = {130: "interrupted", 143: "terminated"}

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
app.command()(compare)
app.command()(models)
app.command()(predict)
app.command()(explain)
app.command()(bench)
app.command()(export)
app.command()(shrink)
app.command()(info)


def main() -> None:
    """Entry point: a user's mistake ends with one line, status 2 for wrong use and 1 for failure.

    Interrupted or terminated it ends with one line too, and 128 more than the signal's number.
    """
    received: list[int] = []
    with _told_of_signals(received):
        try:
            _command()
        except BaseException as end:
            # Typer makes an exit of an interrupt; one that comes inside a lock can turn into any error.
            code = received[0] if received else getattr(end, "code", None)
            if code not in _STOPPED:
                raise
            typer.echo(
                f"neurosieve: {_STOPPED[code]}. What was extracted is kept; the next run goes on there.", err=True
            )
            sys.exit(code)


def _command() -> None:
    try:
        app()
    except NeurosieveError as error:
        typer.echo(f"neurosieve: {printable(str(error))}", err=True)  # it may quote a file that anyone wrote
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        typer.echo(f"neurosieve: {error.strerror or error}{where}. What was finished is kept; run it again.", err=True)
        sys.exit(1)


@contextmanager
def _told_of_signals(received: list[int]) -> Iterator[None]:
    """SIGTERM ends a command as an interrupt does: files are closed, and workers let go.

    Signals that somebody has decided about already (`nohup`, a library's caller) stay as they are.
    """

    def stop(number: int, frame: object) -> None:
        received.append(128 + number)
        raise KeyboardInterrupt

    mine: dict[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    if threading.current_thread() is not threading.main_thread():
        mine = {}  # only the main thread may say what signals do
    mine = {number: usual for number, usual in mine.items() if signal.getsignal(number) is usual}
    for number in mine:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, usual in mine.items():
            signal.signal(number, usual)
