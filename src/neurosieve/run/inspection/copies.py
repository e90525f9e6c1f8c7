"""Which layers copy from which, and how much of that chance would show."""

from __future__ import annotations

from neurosieve.general import nearest_neighbours, similarity_of
from neurosieve.run.inspection.chance import chance_of_copy
from neurosieve.run.inspection.records import CopyFound, CopyPart
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.records import neuron_ids


def inspect_copies(subject: Subject) -> CopyPart:
    """The copies among the training rows' neurons, from tiles of r: N²/2 values, of which N·L are kept."""
    moments, grid, c_t = subject.moments, subject.grid, subject.asked.threshold
    with subject.watch.stage("copies"):
        near = nearest_neighbours(similarity_of(moments), grid)
        matrices, origins = near.to_dict(c_t), near.origins(c_t)
    pairs = zip(neuron_ids(grid, origins.columns), neuron_ids(grid, origins.of), origins.r.tolist(), strict=True)
    varies = ~moments.constant.cpu().numpy().reshape(grid.layers, grid.units)
    return CopyPart(
        varying=varies.sum(axis=1).tolist(),
        copied=matrices["copied"],
        in_place=matrices["copied_in_place"],
        nearest=matrices["origin_layers"],
        copies=[CopyFound(neuron=neuron, of=of, r=r) for neuron, of, r in pairs],
        chance=chance_of_copy(c_t, subject.n_sentences, grid.size),
        chance_in_place=1.0 / grid.units,
    )
