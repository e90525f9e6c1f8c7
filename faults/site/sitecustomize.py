"""Read by every Python that a command of `faults` starts, before anything else: shards are small there too."""

import faults.small_shards  # noqa: F401
