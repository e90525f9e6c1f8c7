"""How extraction, moments and probes get faster with workers, and whether they all say the same."""
