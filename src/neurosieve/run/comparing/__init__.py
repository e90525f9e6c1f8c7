"""Several finished runs side by side.

records   what is set side by side: the schema, free of torch
runs      folders of runs, read under labels that differ
found     what a run found of its model and of each task, taken from its results
unlike    what keeps numbers of two runs from being compared: corpora, metrics, tolerances, machines
said      what a run's compact model says of its test sentences, read again
paired    differences on the test sentences that two runs share
study     all of it
"""
