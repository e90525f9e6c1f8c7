"""The table of docs/families.md is what `FAMILIES` says."""

from __future__ import annotations

from pathlib import Path

from neurosieve.activations.families import FAMILIES, Family

PAGE = Path(__file__).resolve().parents[2] / "docs" / "families.md"
HEAD = "| family | blocks | final norm | sublayers | sides | what else differs |"


def line(name: str, row: Family) -> str:
    """A family's row in the table of the page."""
    own = {
        "positions from the padding id + 1": row.counts_from_pad,
        "padding on the right only": not row.pads_either_side,
        f"{row.least_blocks} block at least": row.least_blocks,
        "types without a count": row.token_types,
        "pieces before the batch": row.pieces_first,
        "blocks share weights": row.blocks is None,
    }
    cells = [
        f"`{name}`",
        f"`{row.blocks or row.calls}`".replace("|", "\\|"),
        f"`{row.final_norm}`" if row.final_norm else "none",
        "both" if row.attention and row.mlp else "none",
        "encoder, decoder" if row.decoder else "encoder" if name == "prophetnet" else "",
        ", ".join(text for text, holds in own.items() if holds),
    ]
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def test_the_table_is_the_one_in_the_code():
    text = PAGE.read_text(encoding="utf-8")
    assert HEAD in text
    table = text.partition(HEAD)[2].partition("\n\n")[0].strip().splitlines()[1:]
    assert table == [line(name, row) for name, row in FAMILIES.items()]
