"""What torch, numpy and the hub's client read once, when they are loaded, and what processes inherit.

Tests run side by side, and so does what they start: two threads each would wait for one another most of the time.
Nobody is asked over the network; the hub's client would try for half a minute where there is none.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "HF_HUB_OFFLINE"):
    os.environ.setdefault(name, "1")
