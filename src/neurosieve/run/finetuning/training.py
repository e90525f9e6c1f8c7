"""Training with the Hugging Face Trainer: our progress, quiet, and checkpoints from which a killed one goes on.

The Trainer's checkpoints are its own format, and it reads them with weights alone; they are gone when all is done.
"""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from neurosieve.activations.quiet import quiet
from neurosieve.errors import ModelError
from neurosieve.run.finetuning.folder import full_disk_named, last_checkpoint, mark_complete, seconds_until
from neurosieve.run.finetuning.inputs import Collator, Feature
from neurosieve.run.finetuning.settings import FineTuneSettings
from neurosieve.run.stages import Progress


def check_ready(device: str) -> None:
    """Make sure that training is possible, before anything long begins.

    Raises:
        ModelError: a package is missing, or the Trainer cannot be given the device.
    """
    if importlib.util.find_spec("accelerate") is None:
        raise ModelError('Fine-tuning needs the package accelerate. Install it: pip install "neurosieve[finetune]"')
    if device.startswith("cuda:") and device != "cuda:0":
        raise ModelError(
            f"Fine-tuning runs on the first CUDA device that torch sees, not on {device!r}. Set CUDA_VISIBLE_DEVICES "
            "to choose which that is, and use 'cuda'."
        )
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"The device {device!r} was asked for, but torch finds no CUDA device. Use 'cpu' or 'auto'.")


def train(
    model: PreTrainedModel,
    features: list[Feature],
    collate: Collator,
    settings: FineTuneSettings,
    folder: Path,
    progress: Progress,
) -> tuple[int, float]:
    """Train the model in place, from the last whole checkpoint in ``folder`` where there is one.

    AdamW without weight decay, a learning rate that falls to 0 in a line, rows shuffled anew in each epoch: what the
    Trainer does unless told otherwise, and so what the paper's authors name.

    Returns:
        The steps that were made, and the seconds of training, earlier ones included.
    """
    checkpoint = last_checkpoint(folder)
    watcher = _Watcher(progress, settings.checkpoint_seconds, seconds_until(checkpoint))
    with quiet():
        arguments = _arguments(settings, folder)
        trainer = _Careful(
            model=model, args=arguments, train_dataset=features, data_collator=collate, callbacks=[watcher]
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    return int(trainer.state.global_step), watcher.seconds


def _arguments(settings: FineTuneSettings, folder: Path) -> TrainingArguments:
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch,
        seed=settings.seed,
        data_seed=settings.seed,
        use_cpu=settings.device == "cpu" or not torch.cuda.is_available(),
        save_strategy="no",  # `_Watcher` asks for checkpoints by the clock
        save_total_limit=2,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
    if arguments.n_gpu > 1:  # several would share a batch, and make it larger
        arguments._n_gpu = 1
    return arguments


class _Careful(Trainer):
    """The Trainer, with a word for a disk that is full."""

    def _save_checkpoint(self, *args: Any, **named: Any) -> None:
        with full_disk_named(Path(str(self.args.output_dir))):
            super()._save_checkpoint(*args, **named)


class _Watcher(TrainerCallback):
    """Tells of the progress, and asks for a checkpoint when it is time."""

    def __init__(self, progress: Progress, every: float, spent: float) -> None:
        self._progress, self._every = progress, every
        self._begun = time.monotonic() - spent
        self._saved = time.monotonic()

    @property
    def seconds(self) -> float:
        """Of training so far."""
        return time.monotonic() - self._begun

    def on_step_end(self, args: TrainingArguments, state: Any, control: Any, **rest: Any) -> None:
        """A batch was learnt."""
        self._progress.step(state.global_step, state.max_steps)
        if time.monotonic() - self._saved >= self._every:
            control.should_save = True

    def on_save(self, args: TrainingArguments, state: Any, control: Any, **rest: Any) -> None:
        """A checkpoint is written; only from here on it counts."""
        mark_complete(Path(str(args.output_dir)) / f"checkpoint-{state.global_step}", self.seconds)
        self._saved = time.monotonic()
