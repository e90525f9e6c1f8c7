"""From text to the numbers that a model reads, with numpy and tokenizers alone: torch is never loaded here.

words         text -> words; `items`: what people hand in, checked
tokenization  words and texts -> pieces, without touching the user's tokenizer
windows       long sentences -> windows at word boundaries
batching      windows -> batches: what is the same once, little padding
reader        what must be known of a model; sentences, texts: what it reads, padded, and which rows its vectors are of
predictions   scores -> labels, numbers, probabilities
lines         of files and pipes, as they come; `records`: JSON lines; `answers`: what a model says of either
reports       what happened to words on the way
"""
