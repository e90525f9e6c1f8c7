"""The README of an export."""

from __future__ import annotations

from neurosieve.export.parity import TOLERANCE, Parity
from neurosieve.markdown import escaped
from neurosieve.runtime.description import Facts, TaskFacts

_DOES = {
    "labelling": "labels each word with one of {n} classes",
    "classification": "labels each text or pair of texts with one of {n} classes",
    "regression": "gives a number to each text or pair of texts",
}
_ITEMS = {
    "labelling": '["One sentence as text.", ["or", "as", "words"]]',
    "classification": '["One text.", ("Or a pair,", "for a task on pairs.")]',
    "regression": '["One text.", ("Or a pair,", "for a task on pairs.")]',
}

CLEAR = f"A row is a word or a text; it is clear if its two best scores are more than {TOLERANCE:.0e} of the RMS apart."
_CARD = """# {title}, for onnxruntime

A compact model that neurosieve has made and exported; it needs no torch. Family {family}, {precision} weights, opset
{opset}, windows of {window} pieces.

| task | what it does | beside the model in torch |
|---|---|---|
{rows}

{clear}

```bash
pip install onnxruntime tokenizers numpy
pip install --no-deps neurosieve
echo "One sentence or text a line." | python -m neurosieve.runtime FOLDER
```

```python
from neurosieve.runtime import Runtime

runtime = Runtime.from_folder("PATH OF THIS FOLDER")
{usage}
```

`model.onnx` gives a score of every piece for each task; `runtime.json` says which pieces stand for a word or a text,
and has the sha256 of the other files. The licence of the original model and of the training corpus apply here too.
"""


def card(facts: Facts, found: dict[str, Parity]) -> str:
    """Markdown, from the description and what was measured of each task."""
    several = len(facts.tasks) > 1
    return _CARD.format(
        title=", ".join(map(escaped, facts.tasks)),
        family=escaped(facts.family),
        precision=facts.precision,
        opset=facts.opset,
        window=facts.window,
        rows="\n".join(
            f"| {escaped(name)} | {_does(task)} | {agreement(found[name])} |" for name, task in facts.tasks.items()
        ),
        clear=CLEAR,
        usage="\n".join(_usage(task, name if several else None) for name, task in facts.tasks.items()),
    )


def agreement(found: Parity) -> str:
    """In words, how an export compares."""
    return (
        f"{found.agreeing} of {found.decided} clear rows agree, {found.same_labels} of all {found.rows}; scores differ "
        f"by {found.largest:.1e} of their RMS at most"
    )


def _does(task: TaskFacts) -> str:
    return _DOES[task.kind].format(n=len(task.classes))


def _usage(task: TaskFacts, name: str | None) -> str:
    more = "" if name is None else f", task={name!r}"
    return f"print(runtime.predict({_ITEMS[task.kind]}{more}))"
