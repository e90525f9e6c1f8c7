"""A compact model made smaller, written, and compared with what it was made of.

texts    what a vocabulary is taken from, and what models are compared on
study    the steps, and what they cost
wording  what was done, in sentences; the card's section
records  the same as JSON, free of torch
"""
