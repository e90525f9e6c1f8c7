"""How many bytes the stages of a run hold at their peak, beside what is held before them.

Every formula counts the arrays that its stage makes, with the names of the code that makes them; numbers that no array
explains are measured, and say so. N is the number of neurons, T of training rows, C of outputs, k of columns.
"""

from __future__ import annotations

from neurosieve.activations.shards import SHARD_WORDS
from neurosieve.arrays import BLOCK_ROWS, GATHERED_ROWS
from neurosieve.general.distances import TILE
from neurosieve.general.extremes import CELLS
from neurosieve.general.layer_similarity.pairs import ROWS as PAIR_ROWS
from neurosieve.general.merging import FLOAT32_ABOVE
from neurosieve.metrics.bootstrap import DRAWN_AT_ONCE, KEPT
from neurosieve.moments.products import band_width
from neurosieve.probes.family import SCORE_NUMBERS
from neurosieve.probes.protocol import SEARCH_BYTES
from neurosieve.run.atlas.choice import LARGEST, SPREAD
from neurosieve.run.forecast.sizes import ModelSize, Plan, TaskSize
from neurosieve.run.portraits import LEAST
from neurosieve.task_specific.neurons import SCREENED_SIZES
from neurosieve.task_specific.rankings.forward import DEPTH

F32, F64, INT = 4, 8, 8

# Holes that the C library keeps in its heap, and what products set up for themselves: measured. Arrays beyond 32 MiB
# are no part of the heap, so it does not grow with the model.
SCRATCH = 60_000_000
SCRATCH_OF_PROBES = 130_000_000
# Ids, starts, windows and keys of one word while a corpus is read: measured.
BYTES_PER_WORD = 150
# Shares of all neurons: a minimal set with the reach of its search, for a ranking that is good, and for a random one.
GOOD_SET, RANDOM_SET = 0.2, 0.5
CLUSTERED = 0.6  # one neuron for each cluster at the threshold that is tried first; 0.56 on CoNLL-2000
CENTRED_ROWS = 2048
ROUNDS = 1000  # of a bootstrap
# A word on its way to a worker, pickled; an upper bound.
TEXT_BYTES = 40
# A word with its sentence, position and type, as numbers and in a table of types; an upper bound.
BYTES_PER_PLACE = 100
KEYS_AT_ONCE = 8  # copies of a piece's values as whole numbers, while the largest are found


def batch(m: ModelSize, plan: Plan) -> int:
    """One batch of the model: all hidden states, their vectors, and the widest products of one block."""
    return plan.batch_tokens * F32 * (2 * m.neurons + 2 * m.inner + 6 * m.units)


def shard(m: ModelSize, rows: int) -> int:
    """One shard, all layers."""
    return min(rows, SHARD_WORDS) * m.neurons * m.number


def extraction(m: ModelSize, rows: int, words: int, plan: Plan) -> int:
    """Shards in the making and on their way to the disk, a batch, and the corpus in pieces."""
    in_flight = min(plan.room.shards, -(-rows // SHARD_WORDS))
    holes = shard(m, rows) // 2  # its layers lie in the heap between what batches free: measured
    return in_flight * shard(m, rows) + holes + batch(m, plan) + BYTES_PER_WORD * words + SCRATCH


def live(m: ModelSize, rows: int, words: int, plan: Plan) -> int:
    """Rows that are made as they are read: a shard, the one before, of which a block is still read, and a batch."""
    shards = min(rows, 2 * plan.room.live_words) * m.neurons * m.number
    return shards + copied(m, min(rows, plan.room.live_words), plan) + batch(m, plan) + BYTES_PER_WORD * words + SCRATCH


def sent(words: int) -> int:
    """What the leading process sends its workers: the corpus as text, once for each that has not read it yet."""
    return TEXT_BYTES * words + SCRATCH // 4


def copied(m: ModelSize, rows: int, plan: Plan) -> int:
    """Blocks without the words that have no vector: one that is read, and the next one; none if all words have one."""
    return 2 * min(rows, plan.room.block_rows) * m.neurons * m.number if m.gaps else 0


def products(m: ModelSize) -> int:
    """What moments keep: N² sums."""
    return F64 * m.square


def moments(m: ModelSize, rows: int, plan: Plan) -> int:
    """The sums, a block of rows side by side, and one band of its products."""
    block = min(rows, plan.room.block_rows)
    return products(m) + F32 * m.neurons * (block + band_width(m.neurons)) + copied(m, rows, plan) + SCRATCH


def added(m: ModelSize, workers: int) -> int:
    """The sums of several workers: the whole, and the next whole; what is added lies in mapped files."""
    return products(m) * min(workers, 2)


def relabelled(m: ModelSize, rows: int, plan: Plan) -> int:
    """The same without products."""
    return F32 * m.neurons * min(rows, plan.room.block_rows) + copied(m, rows, plan) + SCRATCH


def clustering(m: ModelSize, plan: Plan) -> int:
    """The dendrogram of all neurons with its tables: r, and SciPy's distances or the chain's."""
    r = 0 if plan.room.tilewise else F64 * m.square
    tiles = (4 if plan.room.tilewise else 2) * F64 * min(m.neurons, TILE) * m.neurons
    return r + linkage(m.neurons, plan) + tiles


def linkage(n: int, plan: Plan) -> int:
    """SciPy holds r, distances square and twice condensed; the chain 2·N² bytes and a tile."""
    if n <= FLOAT32_ABOVE and not plan.room.tilewise:
        return (F64 + 2 * F64 // 2) * n * n
    return 2 * n * n + 4 * F64 * min(n, TILE) ** 2


def portraits(m: ModelSize) -> int:
    """Tiles of r between the members of one cluster, at most all neurons, while its medoid is looked for."""
    return 4 * F64 * min(m.neurons, TILE) * m.neurons + SCRATCH


def clusters_in_words(m: ModelSize, rows: int, plan: Plan) -> int:
    """Which word each row is, a piece of the rows as keys that order, sums of words, and the heats' few rows."""
    places = BYTES_PER_PLACE * rows
    keys = KEYS_AT_ONCE * INT * CELLS
    sums = F64 * (LARGEST + SPREAD) * rows // LEAST
    layers = F32 * GATHERED_ROWS * m.neurons
    return max(portraits(m), places + keys + sums + layers + copied(m, rows, plan) + SCRATCH)


def intervals_of_cka(m: ModelSize, plan: Plan) -> int:
    """Products of the whole and of a block of sentences above the diagonal, rows side by side, and a sample's pairs."""
    above = m.square + m.neurons * m.units
    rows = 3 * CENTRED_ROWS + 2 * PAIR_ROWS
    pairs = m.layers**2 * 100**2 * F32 * 3
    return F32 * above + F32 * m.neurons * rows + 3 * F64 * m.units * m.neurons + pairs + copied(m, BLOCK_ROWS, plan)


def whitening(k: int) -> int:
    """r, its factor in float64, and the same in float32."""
    return (2 * F64 + F32) * k * k + SCRATCH


def searches(columns: int, outputs: int) -> int:
    """Probes of so many columns together, with what L-BFGS remembers of them."""
    return SEARCH_BYTES * columns * outputs


def passes(task: TaskSize, plan: Plan, columns: int, probes: int, *, shared: bool) -> int:
    """A worker's part of a pass: weights as they come and laid out, their sums, gradients twice, and scores."""
    if not shared:
        return 0
    return 5 * F32 * columns * task.outputs + scores(plan, task.outputs * probes) + SCRATCH


def scores(plan: Plan, outputs: int) -> int:
    """Scores of a chunk of rows for all probes together, their logarithms, and products on the way."""
    return 3 * F32 * min(SCORE_NUMBERS, plan.room.block_rows * outputs)


def columns_of_prefixes(m: ModelSize) -> int:
    """Columns of the probes of all layers and all prefixes together."""
    return m.neurons + m.units * sum(range(2, m.layers + 1))


def layers(m: ModelSize, task: TaskSize, plan: Plan) -> int:
    """The probes of all layers and prefixes: what whitening leaves, searches, scores and predictions."""
    found = columns_of_prefixes(m) * task.outputs
    together = searches(columns_of_prefixes(m), task.outputs)
    if plan.room.probe_bytes is not None:
        widest = searches(m.neurons, task.outputs)
        together = min(together, max(plan.room.probe_bytes, widest)) + F32 * found
    units = -(-task.train // SHARD_WORDS) * (F32 + F64) * found // 2  # each unit of rows has sums of its own
    factors = 3 * F32 * m.square + F32 * m.neurons * m.units  # solving copies one, and turns one
    predictions = (2 * m.layers - 1) * INT * task.held_out
    probes = 0 if task.numeric else factors + together + units + scores(plan, task.outputs * (2 * m.layers - 1))
    widened = F32 * SCORE_NUMBERS if m.number != F32 else 0
    return max(whitening(m.neurons), probes + predictions + SCRATCH_OF_PROBES) + copied(m, task.train, plan) + widened


def representatives(m: ModelSize, task: TaskSize, plan: Plan) -> int:
    """R for choosing them, and the least-squares probe on all columns: chosen moments, r and its factor."""
    r = 0 if plan.room.tilewise else F64 * m.square
    return r + 3 * F64 * m.square + 10 * F32 * m.neurons * task.outputs + scores(plan, 10 * task.outputs) + SCRATCH


def forward(m: ModelSize, task: TaskSize) -> int:
    """r, the basis of what is chosen, and the covariance with the labels."""
    return F64 * (m.square + min(DEPTH, m.neurons) * m.neurons + 3 * m.neurons * task.outputs) + SCRATCH


def held(task: TaskSize, k: float, plan: Plan, m: ModelSize) -> int:
    """K columns of all rows in memory, or the rows in which they are looked up at every pass."""
    size = int(F32 * task.rows * k)
    if plan.room.held_bytes is not None:
        size = min(size, plan.room.held_bytes)
        longest = max(split.rows for split in task.splits[:3])
        passing = int(3 * F32 * min(plan.room.block_rows, longest) * k) + 2 * F32 * GATHERED_ROWS * m.neurons
        return max(size, passing)
    return size


def screening(m: ModelSize, task: TaskSize, plan: Plan) -> int:
    """Least-squares probes on prefixes: moments, r and its factor, whitened rows of dev, and what each size says."""
    dev = task.splits[1].rows
    at_once = min(dev, plan.room.rows_at_once)
    factor = 3 * F64 * m.square  # solving copies it once more
    rows = F32 * m.square + 5 * F32 * at_once * m.neurons
    said = SCREENED_SIZES * dev * (4 if task.numeric else 1 if task.outputs < 256 else 2)
    return max(factor, rows) + said + SCRATCH


def search(m: ModelSize, task: TaskSize, share: float, plan: Plan) -> int:
    """The minimal set of one ranking: its columns, their moments, and families of two or three probes."""
    k = int(min(1.0, share) * m.neurons)
    probes = 3 * F32 * k * k + 3 * searches(k, task.outputs) + scores(plan, 3 * task.outputs) + SCRATCH_OF_PROBES
    return held(task, k, plan, m) + F64 * k * k + max(whitening(k), probes)


def sieve(m: ModelSize, task: TaskSize, plan: Plan) -> int:
    """Moments of the layers left, then clusters of them, screening, a search, or principal components."""
    left = products(m)
    dendrogram = products(m) + clustering(m, plan)  # the moments chosen are a copy
    on_clusters = search(m, task, CLUSTERED, plan)
    clusters = max(max(dendrogram, 3 * F64 * m.square) + SCRATCH, on_clusters)
    steps = (screening(m, task, plan), search(m, task, GOOD_SET, plan), forward(m, task))
    k = int(GOOD_SET * m.neurons)
    components = 3 * F64 * m.square + 2 * F64 * m.neurons * k + held(task, k, plan, m)
    return max(clusters, left + max(steps), components)


def control(m: ModelSize, task: TaskSize, plan: Plan) -> int:
    """Words of all rows as text, control moments, and the probes of the oracle and of the sieve once more."""
    words = 200 * task.rows
    probe = 3 * F32 * m.square + searches(m.neurons, task.outputs) + scores(plan, task.outputs) + SCRATCH
    again = search(m, task, GOOD_SET, plan)  # of what the sieve left
    return words + max(relabelled(m, task.train, plan), whitening(m.neurons), probe, again)


def draws(task: TaskSize) -> int:
    """How often a bootstrap drew each sentence of dev and of test, a byte each; kept for the next score."""
    sizes = (ROUNDS * split.resampled for split in task.splits[1:3])
    return sum(size for size in sizes if size <= KEPT)


def intervals(task: TaskSize) -> int:
    """Scores of some probes at a time, and what a bootstrap draws."""
    return 20 * INT * task.held_out + draws(task) + drawing(task) + SCRATCH


def drawing(task: TaskSize) -> int:
    """Some rounds of a bootstrap: as whole numbers, and as weights."""
    return (INT + F64) * min(DRAWN_AT_ONCE, ROUNDS * max(split.resampled for split in task.splits[1:3]))


def compact(m: ModelSize, tasks: tuple[TaskSize, ...], plan: Plan) -> int:
    """The compact model once it is loaded again (made, it shares weights), its reading of test, and the scores."""
    test = max(task.splits[2].rows * task.outputs for task in tasks)
    words = max(task.splits[2].words for task in tasks)
    drawn = max(drawing(task) for task in tasks)
    return m.weights + batch(m, plan) + BYTES_PER_WORD * words + max(6 * F64 * test, drawn) + SCRATCH
