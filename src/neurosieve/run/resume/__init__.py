"""What a run has finished is kept until it is over, so that a killed one does no long stage twice.

sealed   a file with a sha256 of every byte in front: whole and as it was written, or it counts for nothing
values   results of analyses as JSON and tensors; no pickle
stages   the finished stages of a task, in the folder of the run
moments  the moments of a store's rows, in the cache beside the store
"""
