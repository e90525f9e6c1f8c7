"""Readers under fire: ``python -m fuzz --help``, from the root of the repository.

The package never imports this. What a target is stands in ``target.py``, how inputs are changed in ``mutation.py``; the
coverage comes from atheris (extra ``fuzz``), which drives one target in a process of its own (``worker.py``).
"""
