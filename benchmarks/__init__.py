"""neurosieve and its peers side by side: ``python -m benchmarks --help``, from the root of the repository.

The package never imports this. How cases are written is in ``harness/case.py``, how workers answer in ``worker.py``.
"""
