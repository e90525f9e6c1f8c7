"""Encoded or used: the neurons that a probe does not need are ablated inside the model, which is then asked itself.

outputs    what the model gives: the loss of its own head, or the vectors of texts; sums, means, intervals
asking     the same while sets of neurons are kept alone, or are missing
choice     which sets: the first of a ranking, what the sieve kept, and chance
scores     what probes score on the same sets
records    what is found: the schema, free of torch
study      for sets of neurons of growing size: the model's output and a probe's score, beside sets drawn by chance
"""
