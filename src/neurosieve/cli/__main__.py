"""``python -m neurosieve.cli``."""

from neurosieve.cli import main

main()
