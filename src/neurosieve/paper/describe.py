"""What lies in the folder of a study, or else of anything that ``run.describe`` knows."""

from __future__ import annotations

from pathlib import Path

from neurosieve.paper.records import ModelStudy, Study
from neurosieve.paper.study import STUDY
from neurosieve.run.describe import Description
from neurosieve.run.describe import describe as describe_other


def describe(what: str) -> Description:
    """Describe a study, a run, a compact model, a store, or a model.

    Raises:
        NeurosieveError: it is none of these, or damaged.
    """
    path = Path(what) / STUDY
    if not path.is_file():
        return describe_other(what)
    found = Study.read(path)
    lines = [f"Study of {found.created} ({found.command})"]
    for label, model in found.models.items():
        lines += _model(label, model)
    return found.model_dump(mode="json"), lines


def _model(label: str, model: ModelStudy) -> list[str]:
    lines = [f"  {label}: family {model.facts.family}, {model.facts.neurons:,} neurons"]
    for name, task in model.tasks.items():
        measured = [part for part in ("layers", "clusters", "minimal", "transfer") if getattr(task, part)]
        lines.append(f"  {label}, {name} ({task.variant}): {', '.join(measured) or 'its corpus'}")
    return lines
