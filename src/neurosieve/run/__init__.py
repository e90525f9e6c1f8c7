"""The stages of a run and the schema of its results."""
