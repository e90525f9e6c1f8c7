"""Who computes a plan: this process, others on this machine, ranks of a launcher, or Ray."""
