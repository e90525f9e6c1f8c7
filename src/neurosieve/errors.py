"""The exceptions of neurosieve.

    NeurosieveError
    ├── ConfigError        settings cannot be read, or do not go together
    ├── CorpusError        the text or its labels cannot be read as asked
    ├── ModelError         the model or its tokenizer cannot be used as asked
    ├── ActivationsError   activations are not finite, or do not fit the corpus
    ├── StoreError         activations on disk are missing, damaged or of another make
    ├── ProbeError         a probe cannot be trained on these rows
    ├── CompactError       a compact model is incomplete, altered or of another make
    ├── ExportError        an export differs from its model, or is incomplete, altered or of another make
    ├── MemoryLimitError   the work needs more memory than it was given
    └── WorkerError        a process that shares the work ended before it was done

Each message says what was expected, what came, where, and what to do about it.
"""


class NeurosieveError(Exception):
    """Anything that a user of neurosieve can put right; the command line prints it without a traceback."""


class ConfigError(NeurosieveError):
    """Settings cannot be read, or do not go together."""


class CorpusError(NeurosieveError):
    """The text or its labels cannot be read as asked."""


class ModelError(NeurosieveError):
    """The model or its tokenizer cannot be used as asked."""


class ActivationsError(NeurosieveError):
    """Activations are not finite, or do not fit the corpus."""


class StoreError(NeurosieveError):
    """Activations on disk are missing, damaged or of another make."""


class ProbeError(NeurosieveError):
    """A probe cannot be trained on these rows."""


class CompactError(NeurosieveError):
    """A compact model is incomplete, altered or of another make."""


class ExportError(NeurosieveError):
    """An export differs from its model, or is incomplete, altered or of another make."""


class MemoryLimitError(NeurosieveError):
    """The work needs more memory than it was given."""


class WorkerError(NeurosieveError):
    """A process that shares the work ended before it was done."""
