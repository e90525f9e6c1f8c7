"""What the page of a run shows of its clusters: every merge, who is in them, and the words that they respond to.

records  what is found: the schema, free of torch
"""
