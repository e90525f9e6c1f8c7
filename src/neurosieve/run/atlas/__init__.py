"""What the page of a run shows of its clusters: every merge, who is in them, and the words that they respond to.

records  what is found: the schema, free of torch
merges   a dendrogram as it is written
choice   which clusters are shown, which of their members, and on which sentences
heats    what these members do on the words of these sentences
study    all of it, of rows that are kept and of those that are not
"""
