"""Metrics as people write them: their titles, and scores in percent or, for correlations and R², as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.report.wording import bounds, decimal, number, percent, plain
from neurosieve.run.results import Task
from neurosieve.run.schema import Difference, Scores

DIGITS = 3
"""Decimals of scores that are not in percent."""

_IN_PERCENT = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "f1": "F1",
    "accuracy_f1": "mean of accuracy and F1",
    "span_f1": "span F1",
}
_NUMBERS = {
    "matthews": "Matthews correlation",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "pearson_spearman": "mean of Pearson and Spearman",
    "r2": "R²",
    "mse": "mean squared error",
}


@dataclass(frozen=True)
class Metric:
    """How the scores of one metric are written."""

    title: str
    in_percent: bool

    def value(self, score: float) -> str:
        """A score alone: '93.1 %' or '0.842'."""
        return percent(score) if self.in_percent else decimal(score, DIGITS)

    def score(self, scores: Scores) -> str:
        """A score with its 95 % interval: '93.1 % [92.8, 93.4]' or '0.842 [0.812, 0.866]'."""
        text = self.value(scores.value)
        if scores.interval is None:
            return text
        return f"{text} {bounds(scores.interval, *self._unit)}"

    def difference(self, difference: Difference) -> str:
        """A difference with its interval: '−1.7 points [−2.0, 0.0]' or '−0.013 [−0.020, −0.006]'."""
        return f"{self.change(difference.value)} {bounds(difference.interval, *self._unit)}"

    def change(self, value: float) -> str:
        """A difference alone, with its sign."""
        scale, digits = self._unit
        text = number(scale * value, digits)
        signed = f"+{text}" if round(scale * value, digits) > 0 else text
        return f"{signed} points" if self.in_percent else signed

    @property
    def _unit(self) -> tuple[float, int]:
        """What a score is multiplied by for reading, and its decimals."""
        return (100, 1) if self.in_percent else (1, DIGITS)


def metric_named(name: str) -> Metric:
    """A metric by the name that the results have; ``f1:LABEL`` is the F1 of one class."""
    if name in _IN_PERCENT:
        return Metric(_IN_PERCENT[name], in_percent=True)
    kind, _, label = name.partition(":")
    if kind == "f1" and label:
        return Metric(f"F1 of {plain(label)}", in_percent=True)
    return Metric(_NUMBERS.get(name) or plain(name.replace("_", " ")), in_percent=False)


def metric_of(task: Task) -> Metric:
    """The metric of a task's scores."""
    return metric_named(task.metric)
