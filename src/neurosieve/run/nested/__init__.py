"""Nested selection for small data sets: every sentence is scored once, by a probe and a set that never saw it.

folds         all rows cut into parts: one is left out, the next is dev, the others are train
choosing      the sieve or a minimal set of one fold, chosen on its dev
records       what is found: the schema, free of torch
predictions   what probes say of each fold, kept in files of their own
summary       scores of all folds together, and how much the chosen sets agree
study         fold by fold; resumable
"""
