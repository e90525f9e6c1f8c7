"""All rankings on one task, over several splits: how many neurons each needs, and how surely.

folds      train and dev pooled and cut anew, a part of the rows at a time: nothing is extracted twice
records    what is found: the schema, free of torch
summary    means, ranges and stability over the splits
study      rankings, minimal sets and their scores, split by split; resumable
"""
