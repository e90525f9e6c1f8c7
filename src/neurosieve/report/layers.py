"""Layers by name: their numbers or, where a run looked inside the blocks, names such as 'attention 1'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neurosieve.report.wording import consecutive, listing, plain
from neurosieve.run.facts import ModelFacts

LONGEST = 16
"""Letters of a name that an axis has room for; 'attention 100' has 13."""


@dataclass(frozen=True)
class Layers:
    """What the layers are called; without ``names`` they go by their numbers."""

    names: tuple[str, ...] = ()

    def tick(self, layer: int) -> str:
        """On an axis: '3' or 'attention 3'."""
        return plain(self.names[layer], LONGEST) if layer < len(self.names) else str(layer)

    def one(self, layer: int) -> str:
        """In a sentence: 'layer 3' or 'attention 3'."""
        tick = self.tick(layer)
        return f"layer {tick}" if tick.isdecimal() else tick

    def through(self, last: int) -> str:
        """From the embeddings to ``last``: 'layers 0 to 3' or 'layers 0 to attention 3'."""
        return f"layers 0 to {self.tick(last)}" if last else "layer 0"

    def some(self, layers: Sequence[int]) -> str:
        """Ascending layers with neighbours drawn together: 'layers 0 to 3 and 5', 'mlp 1 to layer 2'."""
        if not self.names:
            parts = [" to ".join(map(str, dict.fromkeys(ends))) for ends in consecutive(layers)]
            return f"{'layer' if len(layers) == 1 else 'layers'} {listing(parts)}"
        return listing([" to ".join(map(self.one, dict.fromkeys(ends))) for ends in consecutive(layers)])

    @property
    def inside(self) -> list[str]:
        """What was read inside the blocks: 'attention', 'mlp'."""
        return list(dict.fromkeys(name.split()[0] for name in self.names if not name.isdecimal()))


NUMBERED = Layers()
"""Layers that go by their numbers."""


def layers_of(model: ModelFacts) -> Layers:
    """The names of a model's layers."""
    return Layers(tuple(model.layer_names))
