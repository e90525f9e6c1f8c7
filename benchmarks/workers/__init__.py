"""Our sides: each module is one worker, run as ``python -m benchmarks.workers.NAME`` with neurosieve installed."""
