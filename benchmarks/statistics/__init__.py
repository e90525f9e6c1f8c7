"""Statistical procedures checked by simulation: how often intervals hold the truth, and how often tests are wrong."""
