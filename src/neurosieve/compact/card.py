"""The model card that travels with a compact model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined

from neurosieve.activations.truncation import NO_FINAL_NORM
from neurosieve.compact.model import CompactModel

SHOWN_LABELS = 60

_CARD = """---
library_name: neurosieve
tags: [token-classification, feature-selection, model-compression]
---
# {{ task }} with {{ neurons }} neurons of {{ model }}

Made by neurosieve: the encoder cut after layer {{ last_layer }}, {{ neurons }} kept neurons in layers {{ layers }}, and
a linear classifier on them that labels each word with one of {{ classes }} classes.

| | full model, probe on all neurons | this model |
|---|---|---|
{% for row in table -%}
| {{ row[0] }} | {{ row[1] }} | {{ row[2] }} |
{% endfor %}
Accuracy is on the test split of {{ corpus }} (95 % bootstrap interval over sentences). Speed is end to end on
{{ device }}, both models in turn over the same sentences; it depends on the machine.

```python
from neurosieve import CompactModel

model = CompactModel.from_pretrained("PATH OF THIS FOLDER")
print(model.predict(["One sentence as text.", ["or", "as", "words"]]))
```

The folder `encoder/` also loads with `transformers.AutoModel`. {{ norm }}It gives the hidden states; the classifier is
in `head.safetensors`, and which units it reads in `compact.json`. Labels: {{ labels }}.
The licence of the original model and of the training corpus apply to what was made from them.
"""


def model_card(model: CompactModel, facts: Mapping[str, Any]) -> str:
    """Markdown from the model and what was measured of it.

    ``facts`` holds ``task``, ``model``, ``corpus``, ``device`` and ``table``: rows of (what, full model, this model).
    """
    final_norm = model.encoder.facts.final_norm
    dropped = getattr(model.encoder.model.config, NO_FINAL_NORM, False)
    norm = (
        f"Plain `AutoModel` of this family applies a final norm (`{final_norm}`) that the original does not apply "
        "after this layer; `CompactModel` leaves it out and is exact. "
        if dropped
        else ""
    )
    return (
        Environment(undefined=StrictUndefined, autoescape=False)
        .from_string(_CARD)
        .render(
            neurons=len(model.head.neurons),
            last_layer=max(model.head.layers),
            layers=", ".join(map(str, model.head.layers)),
            classes=len(model.head.classes),
            labels=", ".join(map(_code, model.head.classes[:SHOWN_LABELS]))
            + (" …" if len(model.head.classes) > SHOWN_LABELS else ""),
            norm=norm,
            **facts,
        )
    )


def _code(label: str) -> str:
    """A label as code in Markdown; PTB's opening quotes are back-ticks themselves, so the fence must be longer."""
    fence = "`" * (1 + max(map(len, re.findall("`+", label)), default=0))
    pad = " " if "`" in label else ""
    return f"{fence}{pad}{label}{pad}{fence}"
