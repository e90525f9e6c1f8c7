"""The command line: options in, a library call, files out."""

from neurosieve.cli.app import app, main

__all__ = ["app", "main"]
