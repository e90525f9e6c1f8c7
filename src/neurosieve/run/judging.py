"""How much may be lost: the tolerances and the sieve that the settings ask for."""

from __future__ import annotations

from dataclasses import replace

from neurosieve.run.settings import RunSettings
from neurosieve.sieve import SieveSettings


def layer_tolerance(settings: RunSettings) -> float:
    """The tolerance of single layers and prefixes: Section 6.1's 1 %, unless the user says otherwise."""
    return 0.01 if settings.layer_tolerance is None else settings.layer_tolerance


def sieve_settings(settings: RunSettings) -> SieveSettings:
    """The sieve that the settings ask for: the protocol's own, with what the user set on top."""
    base = SieveSettings.paper(settings.seed) if settings.protocol == "paper" else SieveSettings(seed=settings.seed)
    if settings.protocol == "default":
        base = replace(base, confidence=settings.confidence, non_inferior=settings.non_inferior)
    chosen = {
        name: value
        for name in (
            "layer_tolerance",
            "cluster_tolerance",
            "neuron_tolerance",
            "reference",
            "ranking",
            "representative",
        )
        if (value := getattr(settings, name)) is not None
    }
    if settings.cluster_tolerance is not None:
        chosen["judge_clusters"] = True
    if settings.threshold is not None:
        chosen["thresholds"] = (settings.threshold or None, None)
    return replace(base, tolerance=settings.tolerance, **chosen)
