"""`neurosieve extract`: activations on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurosieve.cli.forecast import tell_forecast
from neurosieve.cli.given import NO_TASK, checked_settings, given_options
from neurosieve.cli.groups import Bounding, Computing, Files, Placing, Reading, Sharing, Tasks, takes
from neurosieve.cli.options import Json, Model, Out, Seed
from neurosieve.cli.progress import progress_bars
from neurosieve.cli.sharing import lead_or_serve

if TYPE_CHECKING:
    from neurosieve.run.settings import RunSettings


@takes(Files, Tasks, Reading, Computing, Placing, Sharing, Bounding)
def extract(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    text: Annotated[Path | None, typer.Option(help="Plain text, a sentence a line.")] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            help="Only this share of the shards, such as 2/8; `auto` asks torchrun, SLURM or Open MPI. All shares "
            "together leave what one process leaves; any order, any machines that see --out."
        ),
    ] = None,
    seed: Seed = 7361,
    as_json: Json = False,
) -> None:
    """Write the activations of a text or of a task's splits to disk; interrupted, it goes on where it stopped.

    Example: `neurosieve extract --model minilm --text book.txt --out activations`

    On many machines: `neurosieve extract --model minilm --text book.txt --out shared/activations --shard 2/8`
    """
    given = given_options(ctx, own=("shard",))
    settings = checked_settings(given | {"cache": out} | (NO_TASK if text is not None else {}))
    if ctx.params["dry_run"]:
        tell_forecast(settings, "extract", as_json)
    if shard is not None:
        _one_share(settings, shard, as_json)
        return
    lead_or_serve(settings)
    with progress_bars() as progress:
        from neurosieve.run.extraction import run_extract

        stores = run_extract(settings, progress=progress)
    found = {
        name: {"folder": str(store.folder), store.unit: store.n_words, "missing": int(store.missing.sum())}
        for name, store in stores.items()
    }
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, facts in found.items():
            unit = stores[name].unit
            typer.echo(f"{name}: {facts[unit]:,} {unit} ({facts['missing']} without a vector) in\n  {facts['folder']}")


def _one_share(settings: RunSettings, shard: str, as_json: bool) -> None:
    if settings.ranks or settings.workers or settings.ray_address:
        others = "--workers, --ray-address and --ranks"
        raise typer.BadParameter(f"--shard is for processes that know nothing of each other; leave {others} out.")
    with progress_bars() as progress:
        from neurosieve.engines.share import Share
        from neurosieve.run.extraction import run_extract_share

        share = Share.parse(shard)
        found = run_extract_share(settings, share, progress=progress)
    if as_json:
        typer.echo(json.dumps({name: one.to_dict() for name, one in found.items()}))
        return
    for name, one in found.items():
        did = f"{one.computed} shards computed, {one.taken_over} were there"
        state = "all of it is there" if one.done else f"{one.there} of all {one.shards} are there"
        typer.echo(f"{name}, share {share}: {did}; {state}, in\n  {one.folder}")
