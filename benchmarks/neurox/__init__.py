"""NeuroX, the library of the paper's authors: does it agree, and how long does it take?"""
