"""Long input at constant memory: ``python -m benchmarks.soak --help``."""
