"""Every target by name; its module is imported when it is asked for, since some read much else."""

from importlib import import_module

from fuzz.target import Target

_MODULES = {
    "corpora": ("columns", "conllu", "glue", "csv", "jsonl", "text", "definition"),
    "records": ("settings", "results", "records", "finetuning"),
    "stores": ("store", "shard", "moments"),
    "models": ("compact", "compact-description", "export"),
    "lines": ("lines",),
}
NAMES = tuple(name for names in _MODULES.values() for name in names)


def load(name: str) -> type[Target]:
    """The target of a name, one of ``NAMES``."""
    module = next(module for module, names in _MODULES.items() if name in names)
    found: tuple[type[Target], ...] = import_module(f"fuzz.targets.{module}").TARGETS
    return next(one for one in found if one.name == name)
