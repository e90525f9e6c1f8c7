"""Linear probes, one solver a file (Sections 3.2 and 6.1)."""

from neurosieve.probes.converged import fit_converged
from neurosieve.probes.elastic_net import PAPER, ElasticNet, fit_elastic_net, penalties
from neurosieve.probes.family import predict
from neurosieve.probes.imbalance import ClassWeights, class_weights
from neurosieve.probes.least_squares import fit_least_squares
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.protocol import Protocol, ProtocolName
from neurosieve.probes.ridge import fit_ridge
from neurosieve.probes.screening import screen

__all__ = [
    "PAPER",
    "ClassWeights",
    "ElasticNet",
    "Probe",
    "Protocol",
    "ProtocolName",
    "Range",
    "class_weights",
    "fit_converged",
    "fit_elastic_net",
    "fit_least_squares",
    "fit_ridge",
    "penalties",
    "predict",
    "screen",
]
