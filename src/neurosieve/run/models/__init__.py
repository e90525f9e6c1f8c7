"""Two models on the same text: a pretrained and a fine-tuned one, two checkpoints, or two strangers.

names      what the two are called
words      the words that both have a vector for
records    what is found: the schema, free of torch
measures   similarity of layers, copies of neurons, what is linearly explained
intervals  debiased CKA, all layers of both side by side
study      everything, beside chance
moved      which layers of one architecture differ most, and which is the first that does
"""
