"""How many seconds the stages of a run take, from operation counts and the rates of this machine.

How many passes a search takes depends on the data; the numbers here are those of typical runs (CoNLL-2000 and the
built-in tasks on MiniLM), and the whole is right to about a factor of two.
"""

from __future__ import annotations

from neurosieve.run.forecast.memory import GOOD_SET, RANDOM_SET, columns_of_prefixes
from neurosieve.run.forecast.records import Rates
from neurosieve.run.forecast.sizes import Asked, ModelSize, SplitSize, TaskSize
from neurosieve.task_specific.neurons import SCREENED_SIZES

WRITE = 4e8  # bytes a second to the disk, their sha256 included
CALL = 2e-5  # seconds of one small call

PASSES = 24  # of all layers and prefixes, each until it is done
SEARCH_PASSES = 45  # of one small probe
PROBES = 5  # of one minimal set
EPOCHS, EPOCH_BATCH, ADAM = 10, 128, 1.2e-4
TIMED_WORDS, ROUNDS = 4000, 11  # of two models in turn, warming up included


def extraction(m: ModelSize, split: SplitSize, rates: Rates) -> float:
    """The model over what is not in the cache; writing goes on beside it, the last shard after it."""
    reading = split.pieces * split.share_left / rates.pieces
    writing = split.rows * split.share_left * m.neurons * m.number / WRITE
    return max(reading, writing) + 0.1 * min(reading, writing) + 2e-6 * split.words


def reading(split: SplitSize, words: int, rates: Rates) -> float:
    """The model over so many words of a split; nothing is written."""
    return split.pieces * words / max(1, split.words) / rates.pieces


def moments(m: ModelSize, rows: int, rates: Rates) -> float:
    """Half of the square at float32's rate, float64 sums of each block, and the rows themselves."""
    blocks = -(-rows // 8192)
    return 1.25 * rows * m.square / rates.square + (blocks * 12 * m.square + 16 * rows * m.neurons) / rates.copy_bytes


def relabelled(m: ModelSize, rows: int, rates: Rates) -> float:
    """Sums of classes alone."""
    return 16 * rows * m.neurons / rates.copy_bytes


def general(m: ModelSize, rates: Rates) -> float:
    """r, the dendrogram, nine cuts with their tables, CKA and duplicates."""
    return 720 * m.square / rates.copy_bytes + 0.15 + 2.0 * m.square * m.units / rates.double


def portraits(m: ModelSize, rates: Rates) -> float:
    """Tiles of r between members of one cluster, three times; clusters hold a small part of all pairs."""
    return 0.1 + 2.2e-4 * m.neurons + 24 * m.square / rates.copy_bytes


def words_of_clusters(m: ModelSize, rows: int, rates: Rates) -> float:
    """The layers of some fifty neurons read and put in order, word by word, and once more for single sentences."""
    return 0.2 + 1e-5 * rows + 8 * rows * m.neurons / rates.copy_bytes


def intervals_of_cka(m: ModelSize, rows: int, rates: Rates) -> float:
    """One more pass, and thirty blocks of sentences."""
    return 1.4 * rows * m.square / rates.square + (30 * 16 * m.square + 24 * rows * m.neurons) / rates.copy_bytes


def probe(rows: float, columns: float, outputs: int, passes: int, rates: Rates) -> float:
    """Losses and gradients: 4·T·k·C operations a pass, and what is done to each score."""
    products = 4.0 * rows * columns * outputs / rates.thin
    return passes * (products + 20.0 * rows * outputs / rates.copy_bytes) + passes * 10 * CALL


def _passed(task: TaskSize) -> float:
    """Rows of one pass: train with its gradients, and dev, which is scored alone, at half the cost."""
    return task.train + task.splits[1].rows / 2


def ridge(m: ModelSize, task: TaskSize, rates: Rates) -> float:
    """Numbers: eleven ridges, a factorisation for each, and dev."""
    return 11 * (m.square * m.neurons / 3 / rates.double + 2.0 * task.held_out * columns_of_prefixes(m) / rates.thin)


def layers(m: ModelSize, task: TaskSize, asked: Asked, rates: Rates) -> float:
    """All layers and prefixes."""
    if asked.paper:
        return elastic_net(m, task, columns_of_prefixes(m), rates)
    factor = m.square * m.neurons / 3 / rates.double + 40 * m.square / rates.copy_bytes
    if task.numeric:
        return factor + ridge(m, task, rates)
    probes = 2 * m.layers - 1
    return (
        factor + probe(_passed(task), columns_of_prefixes(m), task.outputs, PASSES, rates) + probes * 5 * PASSES * CALL
    )


def elastic_net(m: ModelSize, task: TaskSize, columns: float, rates: Rates) -> float:
    """Ten epochs in batches of 128: a copy of the rows, thin products, and a step of Adam for each batch."""
    steps = EPOCHS * task.train / EPOCH_BATCH
    adam = ADAM + 28.0 * columns * task.outputs / rates.copy_bytes
    products = 4.0 * task.train * columns * task.outputs / rates.thin
    return EPOCHS * (products + 8.0 * task.train * m.neurons / rates.copy_bytes) + steps * adam


def representatives(m: ModelSize, task: TaskSize, rates: Rates) -> float:
    """Nine cuts with their medoids, ten factorisations, and one scoring of dev and test."""
    factors = 3.0 * m.square * m.neurons / 3 / rates.double + 300 * m.square / rates.copy_bytes
    return factors + 2.0 * 10 * task.held_out * m.neurons * task.outputs / rates.thin + 0.2


def rankings(m: ModelSize, task: TaskSize, rates: Rates) -> float:
    """Forward selection, and the elastic net that LCA reads."""
    depth = min(1024, m.neurons)
    forward_ = depth * (8.0 * m.neurons * (depth / 2 + 3 * task.outputs) / rates.copy_bytes + 10 * CALL)
    return forward_ + elastic_net(m, task, m.neurons, rates)


def screening(m: ModelSize, task: TaskSize, rates: Rates) -> float:
    """One factorisation, whitened rows of dev, and scores at each size."""
    dev = task.splits[1].rows
    factor = m.square * m.neurons / 3 / rates.double + 40 * m.square / rates.copy_bytes
    rows = dev * m.square / rates.square + 2.0 * dev * m.neurons * task.outputs / rates.thin
    return factor + 1.5 * rows + SCREENED_SIZES * dev * task.outputs * 16 / rates.copy_bytes


def search(m: ModelSize, task: TaskSize, share: float, asked: Asked, rates: Rates) -> float:
    """The columns gathered, and some families of probes around the border."""
    k = share * m.neurons
    gathering = 12.0 * task.rows * m.neurons / rates.copy_bytes
    if task.numeric:
        return gathering + 11 * PROBES * (k**3 / 3 / rates.double + 2.0 * task.held_out * k / rates.thin)
    if asked.paper:
        return gathering + elastic_net(m, task, PROBES * k, rates)
    return gathering + PROBES * probe(_passed(task), k, task.outputs, SEARCH_PASSES, rates)


def sieve(m: ModelSize, task: TaskSize, asked: Asked, rates: Rates) -> float:
    """A dendrogram, probes on clusters, a ranking, a search, and as many neurons or components chosen otherwise."""
    clusters = general(m, rates) + representatives(m, task, rates)
    on_clusters = 2 * search(m, task, RANDOM_SET, asked, rates) / PROBES
    ranked = screening(m, task, rates) + rankings(m, task, rates) * (1.0 if asked.paper else 0.3)
    chosen = search(m, task, GOOD_SET, asked, rates)
    others = 4 * search(m, task, GOOD_SET, asked, rates) / PROBES
    components = principal(m, task, rates) if asked.controls else 0.0
    return clusters + on_clusters + ranked + chosen + others + components


def principal(m: ModelSize, task: TaskSize, rates: Rates) -> float:
    """Directions of all neurons, and the rows of all splits along them."""
    found = 4.0 / 3 * m.square * m.neurons / rates.double * 3
    return found + 2.0 * task.rows * m.neurons * GOOD_SET * m.neurons / rates.square


def control(m: ModelSize, task: TaskSize, asked: Asked, rates: Rates) -> float:
    """The oracle and the sieve's probe once more, on labels drawn by chance."""
    if asked.paper:
        return elastic_net(m, task, m.neurons * (1 + GOOD_SET), rates)
    return relabelled(m, task.train, rates) + probe(
        _passed(task), m.neurons * (1 + GOOD_SET), task.outputs, SEARCH_PASSES, rates
    )


def bootstrap(m: ModelSize, task: TaskSize) -> float:
    """Scores of all probes with their intervals."""
    return 0.1 + (2 * m.layers + 20) * task.held_out * 6e-8


def compact(m: ModelSize, tasks: tuple[TaskSize, ...], rates: Rates) -> float:
    """Test read once by the compact model, and two models timed in turn on some thousand words."""
    seconds = 1.0
    for task in tasks:
        test = task.splits[2]
        each = test.pieces / max(1, test.words)
        timed = min(TIMED_WORDS, test.words) * each * ROUNDS
        seconds += (0.8 * test.pieces + 0.9 * timed) / rates.pieces
    return seconds
