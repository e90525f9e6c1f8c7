"""What sides share: each module makes the input of a case, run as ``python -m benchmarks.inputs.NAME``."""
