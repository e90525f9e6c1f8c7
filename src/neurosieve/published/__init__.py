"""What the paper prints: its tables and claims as data, and an audit of these numbers by themselves.

Dalvi et al., "Analyzing Redundancy in Pretrained Transformer Models" (EMNLP 2020). Free of torch.
"""

from neurosieve.published.audit import audit
from neurosieve.published.finding import Finding, Verdict
from neurosieve.published.tables import (
    MODELS,
    NAMES,
    SENTENCE_TASKS,
    TASKS,
    WORD_TASKS,
    claim,
    neurons,
    read,
    reason,
    score,
)

__all__ = [
    "MODELS",
    "NAMES",
    "SENTENCE_TASKS",
    "TASKS",
    "WORD_TASKS",
    "Finding",
    "Verdict",
    "audit",
    "claim",
    "neurons",
    "read",
    "reason",
    "score",
]
