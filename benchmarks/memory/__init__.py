"""Memory and time of real runs against their limits and forecasts: ``python -m benchmarks.memory --help``."""
