"""Speed claims measured on the artefact itself: compact models beside the full one, the same code, batch and threads.

settings  what is timed: how many sentences, which batches, how often
sides     the models that stand side by side, each as it would be saved
parts     tokenising, embeddings, blocks, gathering and head, timed apart in one reading
rounds    the clock: all models in turn, sentence by sentence and batch by batch
beside    what a model gains on the full one: speed-ups, the ideal of its blocks, the bound of the rest
scores    a saved model on the test split
measuring all of it for some sides; `study`: those of a run, or one alone; `records`: the content of ``bench.json``
"""
