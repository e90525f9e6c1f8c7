"""Nothing is lost: ``python -m faults --help``, from the root of the repository.

Real commands are started in processes of their own, killed, starved of disk, or robbed of sound files at seeded random
moments, and started again; what they leave must have the bytes of a run that nobody disturbed. The package never
imports this, and knows nothing of it.

inputs     a tiny model, corpora of its size, and how small the shards are
jobs       the commands, and what of theirs is compared
left_out   the few things that no two runs have in common: dates, times, speeds
snapshots  the bytes of folders, and which of their parts are sound
child      a command in a process group of its own
hooks      what happens in it at its k-th file operation
damage     what happens to files between two runs
disks      a small disk, where one can be had
kinds      the faults, each by name
rounds     one round: disturb, start again, compare
telling    the table
"""
