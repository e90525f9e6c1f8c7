"""All exhibits on one page, as HTML that asks for nothing and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from neurosieve.markdown import escaped
from neurosieve.paper.records import Study
from neurosieve.report.paper.shown import Shown
from neurosieve.report.paper.text import markdown
from neurosieve.report.template import rendered
from neurosieve.report.wording import count, listing, millions, plain
from neurosieve.run.facts import ModelFacts

INTRODUCTION = (
    "Each exhibit of Dalvi, Sajjad, Durrani and Belinkov (2020), “Analyzing Redundancy in Pretrained Transformer "
    "Models”, EMNLP, measured on the models named here. Measured values come first, values as published after them."
)


def title(study: Study) -> str:
    """What the page is called."""
    return f"The paper's tables and figures for {listing([plain(label, 40) for label in study.models])}"


def described(facts: ModelFacts) -> str:
    """A model in one line."""
    return (
        f"family {plain(facts.family)}, {facts.layers} layers with the embeddings, {count(facts.units)} units each, "
        f"{count(facts.neurons)} neurons, {millions(facts.parameters)} parameters"
    )


def html(study: Study, shown: Sequence[Shown], skipped: Mapping[str, str]) -> str:
    """One self-contained page: no script, no font, no picture from elsewhere."""
    settings = [(name, json.dumps(value, ensure_ascii=False, default=str)) for name, value in study.settings.items()]
    return rendered(
        "paper.html.j2",
        study=study,
        title=title(study),
        introduction=INTRODUCTION,
        shown=shown,
        skipped=skipped,
        settings=settings,
        described=described,
    )


def page_markdown(study: Study, shown: Sequence[Shown], skipped: Mapping[str, str]) -> str:
    """The same as Markdown; figures are the PNG files beside it."""
    models = [f"- **{escaped(label)}**: {escaped(described(one.facts))}" for label, one in study.models.items()]
    parts = [f"# {escaped(title(study))}", INTRODUCTION, "\n".join(models), _command(study)]
    for one in shown:
        parts.append(markdown(one.table, level=2).rstrip() if one.table else f"## {escaped(one.heading)}")
        if one.figure:
            parts.append(f"![{_alternative(one.figure.alt)}](figures/{one.exhibit.name}.png)")
            parts.append(escaped(one.figure.caption))
        parts.append(f"Files: {one.files}.")
    for heading, lines in (("Left out", list(skipped.values())), ("Warnings", study.warnings)):
        if lines:
            parts += [f"## {heading}", "\n".join(f"- {escaped(line)}" for line in lines)]
    return "\n\n".join(parts) + "\n"


def _command(study: Study) -> str:
    """The command as a block of code; a fence longer than any in it cannot end early."""
    fence = "`" * max(3, 1 + max((len(run) for run in study.command.split() if set(run) == {"`"}), default=0))
    made = f"Made {study.created} with neurosieve {study.environment.neurosieve} by"
    return f"{made}\n\n{fence}\n{study.command}\n{fence}"


def _alternative(text: str) -> str:
    """Words that cannot end the brackets around them."""
    return escaped(text).replace("[", "\\[").replace("]", "\\]")
