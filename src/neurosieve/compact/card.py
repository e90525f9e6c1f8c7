"""The model card that travels with a compact model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import Environment, StrictUndefined

from neurosieve.activations.truncation import NO_FINAL_NORM
from neurosieve.compact.head import Head
from neurosieve.compact.model import CompactModel
from neurosieve.compact.stored import loads_plainly, plain_note
from neurosieve.markdown import escaped, one_line

SHOWN_LABELS = 60

_FACTS = ("task", "model", "corpus", "device", "table")
_TAGS = {"labelling": "token-classification", "classification": "text-classification", "regression": "text-regression"}
_ITEMS = {
    "labelling": '["One sentence as text.", ["or", "as", "words"]]',
    "classification": '["One text.", ("Or a pair,", "for a task on pairs.")]',
    "regression": '["One text.", ("Or a pair,", "for a task on pairs.")]',
}
_FIELD = {"labelling": "labels", "classification": "label", "regression": "value"}

LOADS = "The encoder alone also loads with `transformers.AutoModel`."

_CARD = """---
library_name: neurosieve
tags: [{{ tags }}, feature-selection, model-compression]
---
# {{ title }} with {{ neurons }} of {{ source }}

Made by neurosieve: the encoder cut after layer {{ last_layer }}, {{ kept }} in {{ layers }}, and
{{ heads }}

{% for task in tasks %}
{% if tasks | length > 1 %}
## {{ task.task }}

{{ task.does }}; neurons read: {{ task.neurons }}, in {{ task.layers }}.

{% endif %}
| | full model, probe on all neurons | this model |
|---|---|---|
{% for row in task.table %}
| {{ row[0] }} | {{ row[1] }} | {{ row[2] }} |
{% endfor %}

Scores are on the test split of {{ task.corpus }} (95 % bootstrap interval over {{ task.over }}). Speed is end to end
on {{ task.device }}, both models in turn over the same {{ task.over }}; it depends on the machine.

{% if task.probabilities %}
{{ task.probabilities }}

{% endif %}
{% if task.labels %}
Labels: {{ task.labels }}.

{% endif %}
{% endfor %}
```python
from neurosieve import CompactModel

model = CompactModel.from_pretrained("PATH OF THIS FOLDER")
{% for task in tasks %}
print(model.predict({{ task.usage }})[0].{{ task.field }})
{% endfor %}
```

{{ loads }} {{ norm }}It gives the hidden states{{ inside }}; the
weights of the heads are in `head.safetensors`, and which units they read in `compact.json`.
The licence of the original model and of the training corpus apply to what was made from them.
"""


def model_card(model: CompactModel, facts: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """Markdown from the model and what was measured of it.

    ``facts``, one for each head in their order (or one alone), hold ``task``, ``model``, ``corpus``, ``device`` and
    ``table``: rows of (what, full model, this model). They may hold ``probabilities``: a sentence on these.

    Raises:
        ValueError: there are not as many facts as heads, or one lacks an entry.
    """
    given = [facts] if isinstance(facts, Mapping) else list(facts)
    _check(given, len(model.heads))
    names = model.encoder.layer_names
    several = len(model.heads) > 1
    tasks = [
        {
            "probabilities": "",
            **_escaped(fact),
            **_of_head(head, names),
            "usage": _usage(head, name if several else None),
        }
        for (name, head), fact in zip(model.heads.items(), given, strict=True)
    ]
    layers = sorted({neuron.layer for neuron in model.neurons})
    return (
        Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
        .from_string(_CARD)
        .render(
            tags=", ".join(dict.fromkeys(_TAGS[head.kind] for head in model.heads.values())),
            title=_listed([escaped(fact["task"]) for fact in given]),
            source=escaped(given[0]["model"]),
            neurons=_count(len(model.neurons)),
            kept=_count(len(model.neurons), "kept "),
            last_layer=names[layers[-1]],
            layers=_named(layers, names),
            heads="a linear map for each task." if several else f"a linear map on them that {_does(model.head)}.",
            tasks=tasks,
            loads=LOADS if loads_plainly(model.encoder) else plain_note(model.encoder),
            norm=_norm(model),
            inside=", not the outputs inside the blocks" if model.encoder.sublayers else "",
        )
    )


def _escaped(fact: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with what may come from anybody as words."""
    return {**fact, **{name: escaped(fact[name]) for name in ("task", "corpus", "device")}}


def _check(facts: Sequence[Mapping[str, Any]], n_heads: int) -> None:
    if len(facts) != n_heads:
        raise ValueError(f"A card for {n_heads} heads needs the facts of each; it got {len(facts)}.")
    for fact in facts:
        missing = [key for key in _FACTS if key not in fact]
        if missing:
            raise ValueError(f"The facts of a card lack {', '.join(missing)}.")


def _of_head(head: Head, layer_names: Sequence[str]) -> dict[str, Any]:
    labels = ", ".join(map(_code, head.classes[:SHOWN_LABELS]))
    does = _does(head)
    return {
        "does": does[0].upper() + does[1:],
        "neurons": len(head.neurons),
        "layers": _named(head.layers, layer_names),
        "over": "sentences" if head.unit == "words" else "texts",
        "labels": labels + (" …" if len(head.classes) > SHOWN_LABELS else ""),
        "field": _FIELD[head.kind],
    }


def _does(head: Head) -> str:
    if head.kind == "regression":
        return "gives a number to each text or pair of texts"
    what = "labels each word" if head.kind == "labelling" else "labels each text or pair of texts"
    return f"{what} with one of {len(head.classes)} classes"


def _usage(head: Head, task: str | None) -> str:
    return _ITEMS[head.kind] + ("" if task is None else f", task={json.dumps(task, ensure_ascii=False)}")


def _norm(model: CompactModel) -> str:
    if not getattr(model.encoder.model.config, NO_FINAL_NORM, False):
        return ""
    return (
        f"Plain `AutoModel` of this family applies a final norm (`{model.encoder.facts.final_norm}`) that the original "
        "does not apply after this layer; `CompactModel` leaves it out and is exact. "
    )


def _count(neurons: int, which: str = "") -> str:
    return f"{neurons} {which}{'neuron' if neurons == 1 else 'neurons'}"


def _named(layers: Iterable[int], names: Sequence[str]) -> str:
    named = [names[layer] for layer in layers]
    return f"{'layer' if len(named) == 1 else 'layers'} {', '.join(named)}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _code(label: str) -> str:
    """A label as code in Markdown; PTB's opening quotes are back-ticks themselves, so the fence must be longer."""
    label = one_line(label)
    fence = "`" * (1 + max(map(len, re.findall("`+", label)), default=0))
    pad = " " if "`" in label else ""
    return f"{fence}{pad}{label}{pad}{fence}"
