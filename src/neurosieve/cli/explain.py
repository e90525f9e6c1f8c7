"""`neurosieve explain`: which kept neurons, by layer, decided a prediction."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosieve.cli.completing import compact_models
from neurosieve.cli.options import Device, Json, SplitChoice
from neurosieve.pieces.lines import line_batches, plain_items
from neurosieve.terminal import aligned, fitted, wrapped

if TYPE_CHECKING:
    from neurosieve.compact import Explanation

WIDTH, LONGEST = 80, 40
WITHOUT_MEANS = (
    "This model does not hold the means of its neurons, so each one's part is its weight times its value, and the rest "
    "is the biases'. Models that `neurosieve run` makes now hold them."
)


def explain(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.", autocompletion=compact_models)],
    text: Annotated[str | None, typer.Argument(help="A sentence or a text; default: lines of standard input.")] = None,
    second: Annotated[str | None, typer.Argument(help="The second text of a pair.")] = None,
    task: Annotated[str | None, typer.Option(help="Which head, where the model has several.")] = None,
    label: Annotated[
        str | None, typer.Option("--class", help="Which class to explain; default the predicted one.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Which class to compare it with; default the strongest other one.")
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="How many neurons to show, those that moved the score most.")] = 5,
    split: Annotated[
        SplitChoice, typer.Option(help="Split signs from words, or take words as they stand between blanks.")
    ] = SplitChoice.punctuation,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Say which neurons decided what a compact model predicts, and in which layers they live.

    The score of the label less that of the runner-up is a sum: what the model says of an average word, and a part for
    each neuron. A neuron at its mean over the training words adds nothing.

    Example: `neurosieve explain runs/pos/compact "The cat sat on the mat." --top 3`
    """
    from neurosieve.compact import ITEMS_AT_ONCE, CompactModel

    model = CompactModel.from_pretrained(compact, device=device)
    names, words = model.encoder.layer_names, model.head_of(task).unit == "words"
    before, centred = 0, True
    for items in _items(text, second, ITEMS_AT_ONCE, words=words):
        found = model.explain(items, task, label=label, against=against, splitting=split.value)
        for one in found:
            centred = centred and one.centred
            typer.echo(_json(one, before, names, top) if as_json else "\n".join(_block(one, names, top)) + "\n")
        before += len(items)
    if not centred and not as_json:
        typer.echo(textwrap.fill(WITHOUT_MEANS, WIDTH))


def _items(text: str | None, second: str | None, at_once: int, *, words: bool) -> Iterator[list[Any]]:
    """What was typed, or the lines of standard input; a line with a tab is a pair where texts are judged."""
    if second is not None and words:
        raise typer.BadParameter("This task labels words; it takes one sentence.")
    if text is not None:
        yield [text if second is None else (text, second)]
        return
    for lines in line_batches(None, at_once):
        yield list(plain_items(lines, "words" if words else "texts", None))


def _json(one: Explanation, before: int, names: Sequence[str], top: int) -> str:
    found = one.to_dict(top)
    layers = [entry | {"name": names[entry["layer"]]} for entry in found["layers"]]
    return json.dumps(found | {"item": before + one.item, "layers": layers}, ensure_ascii=False)


def _block(one: Explanation, names: Sequence[str], top: int) -> Iterator[str]:
    """What is said of one word or text: a headline, the layers, the neurons that moved most."""
    what = " / ".join(_short(part) for part in one.what)
    yield from wrapped(f"{what}: {_headline(one)}", WIDTH, rest="    ")
    rest = f"average {'text' if one.place is None else 'word'}" if one.centred else "biases"
    parts = [f"{rest} {_signed(one.rest)}"]
    for layer, amount in one.layers.items():
        parts.append(f"layer {names[layer]} {_signed(amount)} ({100 * one.shares[layer]:.0f} %)")
    glued = ", ".join(part.replace(" ", "\u00a0") for part in parts)
    yield from (line.replace("\u00a0", " ") for line in textwrap.wrap(glued, WIDTH, **_INDENT))
    if top:
        yield from _table(one, names, top)


_INDENT: dict[str, Any] = {"initial_indent": "  ", "subsequent_indent": "  "}


def _headline(one: Explanation) -> str:
    if one.label is None or one.probabilities is None:
        return f"{one.score:.4f}"
    own, other = one.probabilities
    if one.against is None:
        return f"{one.label}, score {_signed(one.score)}"
    return f"{one.label} ({_percent(own)}) rather than {one.against} ({_percent(other)}): {_signed(one.score)}"


def _table(one: Explanation, names: Sequence[str], top: int) -> Iterator[str]:
    rows = [["layer:unit", "value", "contribution"]]
    for found in one.top(top):
        value = f"{found.value:.3g}" if found.deviations is None else f"{_signed(found.deviations)} σ"
        rows.append([f"{names[found.neuron.layer]}:{found.neuron.unit}", value, _signed(found.amount)])
    yield from aligned([["", *row] for row in rows])


def _short(text: str) -> str:
    return fitted(" ".join(text.split()), LONGEST)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
