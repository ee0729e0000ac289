"""Rows as Arrow columns, and Parquet files of them: how the steps hand rows to one another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from robot_runtime.errors import SettingsError

FLOATS = ("age_months", "caregiver_score", "reply_score")
"""Columns of numbers; `number` is a whole number, all others are text."""


class Columns:
    """Rows of one kind, taken in batch by batch, so that few of them are Python objects at once."""

    def __init__(self, kind: type[NamedTuple]) -> None:
        """Collect rows of the named tuple `kind`."""
        import pyarrow as pa

        types = dict.fromkeys(FLOATS, pa.float32()) | {"number": pa.int32()}
        self._schema = pa.schema([(name, types.get(name, pa.string())) for name in kind._fields])
        self._batches: list[Any] = []

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Take in rows."""
        import pyarrow as pa

        if rows:
            columns = zip(zip(*rows, strict=True), self._schema.types, strict=True)
            arrays = [pa.array(column, kind) for column, kind in columns]
            self._batches.append(pa.record_batch(arrays, schema=self._schema))

    def table(self) -> Any:
        """All rows, as a `pyarrow.Table`."""
        import pyarrow as pa

        return pa.Table.from_batches(self._batches, schema=self._schema)


def write_parquet(path: Path, table: Any, **more: Sequence[str]) -> None:
    """Write a table with more columns of text."""
    import pyarrow as pa
    from pyarrow import parquet

    for name, column in more.items():
        table = table.append_column(name, pa.array(column, pa.string()))
    parquet.write_table(table, path, compression="zstd")


def read_rows(path: Path, *names: str) -> list[tuple[Any, ...]]:
    """The columns of those names, row by row.

    Raises:
        SettingsError: there is no such file, or it is damaged or lacks a column.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path, columns=list(names))
        return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise SettingsError(
            f"cannot read {path}: {error}; delete the folder of the step that made it, and run that step again"
        ) from error
