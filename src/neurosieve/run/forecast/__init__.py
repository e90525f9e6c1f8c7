"""What a run will take before it starts, and how it keeps to a limit of memory.

sizes          how large a run is, and by which plan it is done
memory         bytes of each stage, `seconds`: their time, from operation counts and `rates` measured on the spot
stages         the stages of a run in order
planning       a plan under which every stage fits
system         what this process holds, what machine and disks have left
study          all of it for a run whose corpora and model have been read
records        the forecast as JSON, free of torch
"""
