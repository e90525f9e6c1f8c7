"""How time and memory grow with words, neurons, classes and layers: ``python -m benchmarks.curves --help``."""
