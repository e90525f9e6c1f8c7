"""One model of a study: the text without labels, every task, and what it all costs."""

from __future__ import annotations

import warnings
from importlib import metadata
from typing import Any

from neurosieve.activations import Encoder
from neurosieve.corpus import Corpus
from neurosieve.corpus.tasks import DEV_FRACTION
from neurosieve.paper.clusterings import measure_clusterings
from neurosieve.paper.context import TaskContext
from neurosieve.paper.differences import Judged, model_differences
from neurosieve.paper.general import TextContext, measure_general
from neurosieve.paper.kept import Kept
from neurosieve.paper.moves import measure_move
from neurosieve.paper.reading import Reading
from neurosieve.paper.records import Clusterings, GeneralStudy, ModelStudy, Move, TaskStudy, Variant
from neurosieve.paper.runtimes import measure_costs
from neurosieve.paper.settings import ModelSettings, PaperSettings
from neurosieve.paper.tasks import measure_task
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.prepare import Preparation
from neurosieve.run.settings import TaskSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import open_encoder
from neurosieve.writing import own_folder

MEASURED = "measured"
# Settings that change no measurement, or that a measurement names itself.
_NOT_IN_KEYS = {
    "models",
    "tasks",
    "exhibits",
    "out",
    "cache",
    "device",
    "rounds",
    "cost_rows",
    "batch_tokens",
    "text",
    "limit_text_words",
}
_ANY_TASK = TaskSettings(task="code-roles")  # a run needs one; the model's loading never looks at it

_LONGEST_NAME = 120  # bytes


class Measuring:
    """Opens a model, and measures on it what the exhibits need."""

    def __init__(self, model: ModelSettings, settings: PaperSettings, reading: Reading, watch: Stopwatch) -> None:
        self.model, self.settings, self.reading, self.watch = model, settings, reading, watch
        with watch.stage("load model"):
            self.encoder, self._preparation = self._open(model.model)

    def __call__(self) -> tuple[ModelStudy, dict[str, Judged]]:
        """Everything, with what the probes say of each task's test rows."""
        found = ModelStudy(facts=model_facts(self.encoder), general=self._general())
        judged: dict[str, Judged] = {}
        for task, corpus in self.reading.tasks:
            found, judged[task.name] = self._with_task(found, task, corpus)
        if "parameters" in self.reading.wanted:
            counts = [self.encoder.truncated(layer).n_parameters for layer in range(self.encoder.n_layers)]
            found = found.model_copy(update={"parameters": counts})
        return found.model_copy(update={"costs": self._costs()}), judged

    def _open(self, model: str) -> tuple[Encoder, Preparation]:
        first = self.reading.tasks[0][0] if self.reading.tasks else _ANY_TASK
        settings = self.settings.run_settings(model, first)
        encoder = open_encoder(settings)
        return encoder, Preparation(encoder, settings)

    def _context(self, preparation: Preparation, task: TaskSettings, corpus: Corpus) -> TaskContext:
        return TaskContext(corpus, task, self.settings, preparation, self.watch.within(task.name))

    def _with_task(self, found: ModelStudy, task: TaskSettings, corpus: Corpus) -> tuple[ModelStudy, Judged]:
        """With the model that was fine-tuned for a task on texts, where there is one; else as it came."""
        came, name = self._context(self._preparation, task, corpus), task.name
        folder = None if self.model.finetuned is None else self.model.finetuned / name
        if folder is None or corpus.kind == "labelling" or not folder.is_dir():
            study, judged = self._task(came, "pretrained")
            return found.model_copy(update={"tasks": found.tasks | {name: study}}), judged
        encoder, preparation = self._open(str(folder))
        self._warn_of_dev(encoder, name)
        tuned = self._context(preparation, task, corpus)
        study, judged = self._task(tuned, "fine-tuned")
        changed: dict[str, Any] = {"tasks": found.tasks | {name: study}}
        if "moves" in self.reading.wanted:
            before, judged_before = self._task(came, "pretrained")
            both = {"as it came": {name: judged_before}, "fine-tuned": {name: judged}}
            changed["as_it_came"] = found.as_it_came | {name: before}
            changed["tuning"] = [*found.tuning, *model_differences(both, self.settings.seed)]
            changed["moves"] = found.moves | {name: self._move(came, tuned)}
        return found.model_copy(update=changed), judged

    def _warn_of_dev(self, encoder: Encoder, task: str) -> None:
        """Dev has to be the part of train that was held out in fine-tuning."""
        done, here = model_facts(encoder).finetuning, self.settings
        held_out = done is not None and (done.protocol, done.seed) == (here.protocol, here.seed)
        if not held_out or here.dev_fraction != DEV_FRACTION:
            warnings.warn(
                f"{encoder.name} may have been fine-tuned on texts that are dev of {task} here: fine-tune it with "
                f"--protocol {here.protocol} --seed {here.seed}, and leave --dev-fraction as it is.",
                stacklevel=2,
            )

    def _task(self, context: TaskContext, variant: Variant) -> tuple[TaskStudy, Judged]:
        name = context.task.name if variant == "pretrained" else f"{context.task.name}-finetuned"
        facts = model_facts(context.encoder).model_dump(mode="json", exclude_none=True)
        kept = self._kept(name, context.encoder, context.identity, facts)
        return measure_task(context, variant, self.reading.wanted, kept)

    def _move(self, before: TaskContext, after: TaskContext) -> Move:
        kept = self._kept(f"{before.task.name}-finetuned", after.encoder, before.encoder.fingerprint, before.identity)
        return kept("move", Move, lambda: (measure_move(before, after), {}))[0]

    def _text(self) -> TextContext | None:
        text = self.reading.text
        if text is None:
            return None
        return TextContext(self.encoder, text, self.reading.text_name, self.settings, self.watch)

    def _general(self) -> GeneralStudy | None:
        context, wanted = self._text(), self.reading.wanted
        if context is None or not wanted & {"general", "clusterings"}:
            return None
        kept = self._kept("text", self.encoder, context.identity)
        found = kept("general", GeneralStudy, lambda: (measure_general(context), {}))[0]
        if "clusterings" in wanted:
            rows = kept("clusterings", Clusterings, lambda: (measure_clusterings(context), {}))[0].rows
            found = found.model_copy(update={"clusterings": rows})
        return found

    def _costs(self) -> Any:
        first = next((self._context(self._preparation, *one) for one in self.reading.tasks), None)

        def kept(name: str, *depends_on: Any) -> Kept:
            return self._kept(name, self.encoder, environment(self.encoder).model_dump(), *depends_on)

        return measure_costs(self.encoder, first, self._text(), self.settings, self.reading.wanted, kept, self.watch)

    def _kept(self, name: str, encoder: Encoder, *depends_on: Any) -> Kept:
        settings = self.settings.model_dump(mode="json", exclude=_NOT_IN_KEYS)
        settings["as_published"] = [fault for fault in settings["as_published"] if fault != "average-of-four"]
        folder = own_folder(self.settings.out, MEASURED, _safe(self.model.label), _safe(name))
        version = metadata.version("neurosieve")
        told = {"version": version, "model": encoder.fingerprint, "settings": settings, "of": depends_on}
        return Kept(folder, told)


def _safe(name: str) -> str:
    """A name that can be a folder's."""
    plain = "".join(char if char.isalnum() or char in "-._" else "-" for char in name)
    return plain.encode()[:_LONGEST_NAME].decode(errors="ignore").strip(".") or "model"
