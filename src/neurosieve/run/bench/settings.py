"""What is timed, and on how many threads."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.errors import ConfigError

LEAST_SENTENCES, LEAST_ROUNDS = 100, 3


@dataclass(frozen=True)
class BenchSettings:
    """How much is read, and how often.

    Attributes:
        sentences: sentences or texts that are read one by one, spread over the text.
        batches: how many pieces are read at once, each of them tried.
        rounds: how often everything is timed.
        threads: of torch, and of the tokenizers if they have not worked yet; None: as they are.
    """

    sentences: int = LEAST_SENTENCES
    batches: tuple[int, ...] = (512, 1024, 2048, 4096)
    rounds: int = 5
    threads: int | None = None

    def check(self) -> None:
        """Refuse what would measure nothing.

        Raises:
            ConfigError: too few sentences or rounds, no batch, or a batch or a thread below 1.
        """
        if self.sentences < LEAST_SENTENCES:
            raise ConfigError(
                f"A 95th percentile takes {LEAST_SENTENCES} sentences at least; these are {self.sentences}."
            )
        if self.rounds < LEAST_ROUNDS:
            raise ConfigError(f"It takes {LEAST_ROUNDS} rounds at least to tell speed from noise, not {self.rounds}.")
        if not self.batches or min(self.batches) < 1:
            raise ConfigError(f"A batch is 1 piece at least, and there must be one; these are {list(self.batches)}.")
        if self.threads is not None and self.threads < 1:
            raise ConfigError(f"It takes a thread at least, not {self.threads}.")
