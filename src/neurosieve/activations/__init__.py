"""What a model says about a corpus: one vector per word per layer (Section 3.1).

loading        a name -> an encoder
encoder        a model, its tokenizer, its hidden states; `families`, `truncation`: where families differ, cutting one
tokenization   words -> pieces
alignment      pieces -> words: windows, aggregation
extract        sentences -> batches of word vectors
store          vectors on disk, mapped into memory; `shards`: the files, `persist`: the extraction to disk
live           the same rows without a disk
"""
