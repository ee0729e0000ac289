from __future__ import annotations

from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from robot_runtime.errors import SettingsError
from toddler_training.data.tables import read_rows


def test_rows_have_the_columns_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "pairs.parquet"
    parquet.write_table(pyarrow.table({"child": ["a", "b"], "text": ["hi", "no"], "age_months": [24.0, None]}), file)
    assert read_rows(file, "text", "age_months") == [("hi", 24.0), ("no", None)]


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_a_file_that_cannot_be_read_says_what_to_do(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "pairs.parquet"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"cannot read .*pairs\.parquet.*run that step again"):
        read_rows(file, "text")


def test_a_missing_column_is_such_an_error_too(tmp_path: Path) -> None:
    file = tmp_path / "pairs.parquet"
    parquet.write_table(pyarrow.table({"child": ["a"]}), file)
    with pytest.raises(SettingsError, match="cannot read"):
        read_rows(file, "text")
