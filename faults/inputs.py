"""What the commands work on: tiny, but real: hundreds of rounds take minutes."""

from __future__ import annotations

from pathlib import Path

CHECKPOINT_SECONDS = 0.05
TEXT_SENTENCES = 300


def make_inputs(folder: Path) -> None:
    """A model, a text, and corpora of words and of texts."""
    from tests.run.small import sentences, write_corpus, write_sst2
    from tests.tiny_models import make_tiny

    make_tiny("bert", folder / "bert")
    write_corpus(folder / "conll", 300, 60)
    write_sst2(folder / "sst2", 150, 60)
    lines = (" ".join(word for word, _, _ in one) for one in sentences(TEXT_SENTENCES, 3))
    (folder / "text.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def make_small(*, draws: bool) -> None:
    """In this process: many checkpoints of a fine-tuning, and unless it ``draws`` empty figures."""
    from neurosieve.report import page
    from neurosieve.run.finetuning.settings import FineTuneSettings

    if not draws:
        page.svg, page.png = lambda *_: "<svg/>", lambda *_: b""
    FineTuneSettings.model_fields["checkpoint_seconds"].default = CHECKPOINT_SECONDS
    FineTuneSettings.model_rebuild(force=True)
