"""A closer look at a finished run: what is redundant, to be read; and who loses when the set of neurons shrinks.

records     what is found: the schema, free of torch
subject     the run that is looked at, opened once for all parts
chance      what unrelated neurons, and random sets, would show
clusters    who is in each cluster, what stands for it, and the words on which it is highest and lowest
copies      which layers copy from which
spread      how many clusters other text would give
damage      which classes lose as the set of neurons shrinks
class_sets  how many neurons each class needs, and how far these are the same
study       all parts in turn; each is kept as soon as it is there
"""
