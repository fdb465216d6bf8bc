"""Words of coded columns that are not understood: each named once, with the number of rows it stands in."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from relapse_risk.ingest.codes import Codebook
from relapse_risk.ingest.intake import Note, Part
from relapse_risk.ingest.masking import shown_word
from relapse_risk.ingest.rows import ACCOUNTS, FINDINGS, share_of
from relapse_risk.policy import REASONS
from relapse_risk.records import TABLES

__all__ = ["unknown_words"]

_NAMED = 5
"""How many words of a column are named; the others are counted."""

_WORDS = {"table": pl.String, "column": pl.String, "value_masked": pl.String, "cells": pl.UInt32}


def unknown_words(parts: Sequence[Part], codebook: Codebook) -> list[Note]:
    """Return one note for each coded column with words that are not understood.

    They were left blank or their rows refused (``words_unknown``), or, where a frame may hold any word, kept as they
    stand (``words_kept``). A word that may be somebody's name shows only its shape.
    """
    flags = [
        f"{t.name}.{name}" for t in TABLES.values() for name, one in t.columns.items() if one.dtype == pl.Boolean()
    ]
    of_flag = pl.concat_str("table", "column", separator=".").is_in(flags)
    word = (pl.col("rule") == "unknown_code") | ((pl.col("rule") == "unreadable") & of_flag)
    lost = pl.concat([FINDINGS.to_frame(), *(frame for part in parts for frame in (part.blanked, part.rejected))])
    counted = lost.filter(word).drop_nulls("value_masked").group_by(list(_WORDS)[:3]).agg(cells=pl.len())
    kept = pl.concat([pl.DataFrame(schema=_WORDS), *(frame for part in parts for frame in _kept(part, codebook))])
    read = pl.concat([ACCOUNTS.to_frame(), *(part.account for part in parts)])
    rows = dict(read.group_by("table").agg(pl.col("read").sum()).rows())
    return [*_notes("words_unknown", counted, rows), *_notes("words_kept", kept, rows)]


def _kept(part: Part, codebook: Codebook) -> Iterator[pl.DataFrame]:
    """Yield the words of a table's columns that are none of the codes we know, where any word may stand."""
    for name, column in TABLES[part.table].columns.items():
        codes = codebook.codes_of(part.table, name, column)
        listed = bool(column.codes) or codes >= set(REASONS)  # of other columns we do not know every word there is
        if column.closed or not listed or name not in part.frame.columns:
            continue
        counted = part.frame.group_by(pl.col(name).alias("word")).agg(cells=pl.len())
        foreign = counted.drop_nulls("word").filter(~pl.col("word").is_in(codes))
        if foreign.height:
            shown = [shown_word(word, codebook.vocabulary) for word in foreign["word"]]
            words = pl.DataFrame({"value_masked": shown, "cells": foreign["cells"]})
            yield words.select(pl.lit(part.table).alias("table"), pl.lit(name).alias("column"), "value_masked", "cells")


def _notes(code: str, words: pl.DataFrame, read: Mapping[str, int]) -> Iterator[Note]:
    counted = words.group_by("table", "column", "value_masked").agg(pl.col("cells").sum())
    counted = counted.sort("table", "column", -pl.col("cells").cast(pl.Int64), "value_masked")
    for (table, column), rows in counted.group_by("table", "column", maintain_order=True):
        first = [f"{word} ({cells})" for word, cells in rows.select("value_masked", "cells").head(_NAMED).rows()]
        more = ["…"] if rows.height > _NAMED else []
        cells = int(rows["cells"].sum())
        details = {"table": table, "column": column, "cells": cells, "share": share_of(cells, read[str(table)])}
        yield code, {**details, "words": ", ".join([*first, *more])}
