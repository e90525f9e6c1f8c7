"""What was made smaller, in sentences: for the terminal and for the model's card."""

from __future__ import annotations

from neurosieve.compact import CompactModel
from neurosieve.compact.card import LOADS
from neurosieve.compact.stored import loads_plainly, plain_note
from neurosieve.markdown import escaped
from neurosieve.run.schema import Range, Scores
from neurosieve.run.shrinking.records import Agreed, Lost, Shrunk

TITLE = "## Made smaller"


def shrunk_sentences(shrunk: Shrunk) -> list[str]:
    """What was done, what it saves, and what it changes."""
    return [
        *_done(shrunk),
        _saved(shrunk),
        *(_agreement(one) for one in shrunk.agreed),
        *(_loss(one) for one in shrunk.lost),
    ]


def card_of(before: str, shrunk: Shrunk, model: CompactModel) -> str:
    """The original's card with a section that says what was done since."""
    note = plain_note(model.encoder)
    if not loads_plainly(model.encoder):
        before = before.replace(LOADS, "Plain `AutoModel` does not load it any more; see below.")
    lines = [
        *([before.rstrip(), ""] if before.strip() else []),
        TITLE,
        "",
        "This model was made smaller after what stands above was measured.",
        "",
        *(f"- {escaped(sentence)}" for sentence in shrunk_sentences(shrunk)),
        *([f"- {note}"] if note else []),
    ]
    return "\n".join(lines) + "\n"


def _done(shrunk: Shrunk) -> list[str]:
    done = []
    if shrunk.vocabulary is not None:
        found = shrunk.vocabulary
        done.append(
            f"Vocabulary: {found.after:,} of {found.before:,} pieces are left; {found.seen:,} occur in {found.text}, "
            "the others are what any text may fall back on."
        )
        if found.mended:
            done.append(f"All pieces inside {found.mended:,} of its words were kept, so that they are cut as before.")
    done += [
        f"Trimmed: {one.after:,} of {one.before:,} rows of {one.path} are left; no kept neuron reads the others."
        for one in shrunk.trimmed
    ]
    if shrunk.weights is not None:
        how = {"bfloat16": "in bfloat16", "int8": "in 8 bits, with a scale for each row"}[shrunk.weights]
        done.append(f"Weights: stored {how}; computed in float32 as before.")
    return done


def _saved(shrunk: Shrunk) -> str:
    before, after = shrunk.before, shrunk.after
    return (
        f"Its folder takes {after.megabytes:.1f} MB for {before.megabytes:.1f} "
        f"({100 * after.megabytes / before.megabytes:.0f} %); it has {after.parameters:,} parameters for "
        f"{before.parameters:,}."
    )


def _agreement(found: Agreed) -> str:
    what = f"of {found.task!r} on {found.rows:,} {found.unit} ({found.text})"
    if found.share == 1:
        return f"It says the same as the original {what}, all of them."
    return f"It says the same as the original {what} in {_percent(found.share)} {_bounds(found.interval)}."


def _loss(found: Lost) -> str:
    low, high = found.difference.interval
    return (
        f"{found.text}, {found.metric} of {found.task!r}: {_score(found.smaller)}, the original "
        f"{_score(found.original)}; difference {found.difference.value:+.4f} [{low:+.4f}, {high:+.4f}]."
    )


def _percent(share: float) -> str:
    """Two digits; what is not all never reads 100."""
    return f"{min(100 * share, 99.99):.2f} %"


def _bounds(interval: Range) -> str:
    low, high = interval
    return f"[{100 * low:.2f}, {100 * high:.2f}]"


def _score(scores: Scores) -> str:
    low, high = scores.interval or (scores.value, scores.value)
    return f"{scores.value:.4f} [{low:.4f}, {high:.4f}]"
