"""What a compact model of each depth and size would cost and score: layers × c_t × neurons, measured.

dominance     which points nothing beats
candidates    for every depth and threshold an order of neurons, screened at every size
timing        how long each depth takes, and a head of each size
study         all of it together; `points`: from probes to points; `records`: the content of ``front-TASK.json``
choice        the best point within a limit; `making`: that point as a compact model
"""
