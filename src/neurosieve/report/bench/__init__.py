"""A bench on the terminal, as CSV and as Markdown."""

from neurosieve.report.bench.files import write_bench
from neurosieve.report.bench.sentences import bench_sentences, slower_sentences
from neurosieve.report.bench.text import bench_text

__all__ = ["bench_sentences", "bench_text", "slower_sentences", "write_bench"]
