"""neurosieve: find what is redundant in a pretrained transformer and keep the small model that is left.

The names below load when first used: ``import neurosieve`` itself is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosieve.activations import Encoder, load_encoder
    from neurosieve.compact import CompactModel
    from neurosieve.corpus import Corpus, load_task
    from neurosieve.errors import NeurosieveError
    from neurosieve.report import write_report
    from neurosieve.run.pipeline import run
    from neurosieve.run.results import Results
    from neurosieve.run.settings import RunSettings

__version__ = "0.1.0"

_HOMES = {
    "CompactModel": "neurosieve.compact",
    "Corpus": "neurosieve.corpus",
    "Encoder": "neurosieve.activations",
    "NeurosieveError": "neurosieve.errors",
    "Results": "neurosieve.run.results",
    "RunSettings": "neurosieve.run.settings",
    "load_encoder": "neurosieve.activations",
    "load_task": "neurosieve.corpus",
    "run": "neurosieve.run.pipeline",
    "write_report": "neurosieve.report",
}

__all__ = [
    "CompactModel",
    "Corpus",
    "Encoder",
    "NeurosieveError",
    "Results",
    "RunSettings",
    "load_encoder",
    "load_task",
    "run",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'neurosieve' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
