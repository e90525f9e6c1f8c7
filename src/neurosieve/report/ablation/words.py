"""How a model's own output is written, and the sets of a study by what they are."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.report.metric import Metric, metric_named
from neurosieve.report.wording import bounds, decimal, number, ranking_name
from neurosieve.run.ablation.records import AblatedSet, AblationStudy, Chosen, Did, Estimate
from neurosieve.run.schema import Difference, Scores


@dataclass(frozen=True)
class OutputWords:
    """How values of one kind of output are written: ``digits`` decimals, and what the axis is called."""

    title: str
    digits: int
    is_loss: bool

    def value(self, value: float) -> str:
        """'0.412' or '3.10'; a cosine that is not 1 never reads 1."""
        return number(value, self.digits) if self.is_loss else decimal(value, self.digits)

    def estimate(self, estimate: Estimate) -> str:
        """With its interval: '0.412 [0.398, 0.425]'."""
        inside = "" if estimate.interval is None else f" {bounds(estimate.interval, 1, self.digits)}"
        return self.value(estimate.value) + inside

    def difference(self, difference: Difference) -> str:
        """With sign and interval: '+0.07 [0.05, 0.09]'."""
        text = number(difference.value, self.digits)
        signed = f"+{text}" if round(difference.value, self.digits) > 0 else text
        return f"{signed} {bounds(difference.interval, 1, self.digits)}"


def output_words(study: AblationStudy) -> OutputWords:
    """Those of the study's output."""
    if study.output.kind == "loss":
        return OutputWords("loss of the model's own head (nats a piece)", 2, is_loss=True)
    return OutputWords("cosine with the intact model's vectors", 3, is_loss=False)


def score_words(study: AblationStudy) -> Metric:
    """How the probe's scores are written."""
    return metric_named(study.metric)


def score(metric: Metric, estimate: Estimate) -> str:
    """A probe's score with its interval where it has one."""
    return metric.score(Scores(value=estimate.value, interval=estimate.interval, n=0))


def find(study: AblationStudy, chosen: Chosen, did: Did, neurons: int) -> AblatedSet | None:
    """One set of the study."""
    wanted = chosen, did, neurons
    return next((one for one in study.sets if (one.chosen, one.did, one.neurons) == wanted), None)


def told(study: AblationStudy) -> AblatedSet | None:
    """The set that the sentences are about: the sieve's, else the smallest of the ranking within the tolerance."""
    kept = [one for one in study.sets if one.did == "kept"]
    sieved = [one for one in kept if one.chosen == "sieve"]
    ranked = sorted((one for one in kept if one.chosen == "forward"), key=lambda one: one.neurons)
    floor = -study.tolerance * study.oracle.value
    enough = [one for one in ranked if one.probe_difference and one.probe_difference.value > floor]
    return next(iter([*sieved, *enough, *ranked[-1:]]), None)


def source(study: AblationStudy, one: AblatedSet) -> str:
    """Where a set comes from, in brackets of a sentence."""
    return "what the run's sieve kept" if one.chosen == "sieve" else f"the first of {ranking_name(study.ranking)}"


def chance_of(study: AblationStudy, one: AblatedSet) -> AblatedSet | None:
    """As many random neurons; inside, as many of each layer: then the sieve's are not the ranking's."""
    own = find(study, "random_like_sieve", one.did, one.neurons) if one.chosen == "sieve" else None
    return own or find(study, "random", one.did, one.neurons)


def lost(study: AblationStudy, one: AblatedSet) -> float | None:
    """How far an output is on the way from the intact model (0) to one with every neuron held (1).

    None where the two ends are the same.
    """
    intact, nothing = study.output.intact.value, study.output.nothing_kept.value
    return None if abs(nothing - intact) < 1e-9 else (one.output.value - intact) / (nothing - intact)


def settled(difference: Difference) -> bool:
    """Whether an interval leaves out 0."""
    low, high = difference.interval
    return low > 0 or high < 0
