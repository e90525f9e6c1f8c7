"""All rankings on all tasks of a folder of corpora, and what the best of them must reach."""
