"""neurosieve: find what is redundant in a pretrained transformer and keep the small model that is left.

The names below load when first used: ``import neurosieve`` itself is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosieve.activations import Encoder, load_encoder
    from neurosieve.bars import progress_bar
    from neurosieve.compact import CompactModel
    from neurosieve.corpus import Corpus, load_task
    from neurosieve.errors import NeurosieveError
    from neurosieve.report import write_report
    from neurosieve.run.pipeline import run as analyze
    from neurosieve.run.results import Results
    from neurosieve.run.settings import RunSettings

__version__ = "0.1.0"

# The function that does a whole run is `analyze` here: `neurosieve.run` is the package it lives in.
_HOMES = {
    "CompactModel": ("neurosieve.compact", "CompactModel"),
    "Corpus": ("neurosieve.corpus", "Corpus"),
    "Encoder": ("neurosieve.activations", "Encoder"),
    "NeurosieveError": ("neurosieve.errors", "NeurosieveError"),
    "Results": ("neurosieve.run.results", "Results"),
    "RunSettings": ("neurosieve.run.settings", "RunSettings"),
    "analyze": ("neurosieve.run.pipeline", "run"),
    "load_encoder": ("neurosieve.activations", "load_encoder"),
    "load_task": ("neurosieve.corpus", "load_task"),
    "progress_bar": ("neurosieve.bars", "progress_bar"),
    "write_report": ("neurosieve.report", "write_report"),
}

__all__ = [
    "CompactModel",
    "Corpus",
    "Encoder",
    "NeurosieveError",
    "Results",
    "RunSettings",
    "analyze",
    "load_encoder",
    "load_task",
    "progress_bar",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'neurosieve' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
