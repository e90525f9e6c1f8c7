"""Fine-tuning of a whole model for a task on texts (Section 3.1), before it is analysed.

settings   what is asked
inputs     texts -> pieces, as the analysis reads them, and batches of them
classifier the model with a head
training   the Hugging Face Trainer: progress, checkpoints, going on after a kill
folder     what lies in the output folder, and what may be written there
work       all of it, in order
"""
