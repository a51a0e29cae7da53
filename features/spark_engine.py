"""Features on Spark, for a county that one machine cannot hold. The same expressions, the same bits.

Imported by nobody: whoever needs it has the `spark` extra and Java, and gives it a session. Nothing
here restates what a feature means; it only hands `features.expressions` to Ibis' Spark backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession

from features.expressions import aggregated, column_types
from features.language import Feature, Source
from features.questions import Answer, FeatureEngine, Questions, arrow_records


def local_session(threads: int = 2, memory: str = "2g") -> SparkSession:
    """Spark on this machine alone: bound to loopback, days in UTC, no web page, no files left behind."""
    return (
        SparkSession.builder.master(f"local[{threads}]")
        .appName("miaohu features")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", memory)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", str(2 * threads))
        .config("spark.sql.catalogImplementation", "in-memory")
        .getOrCreate()
    )


class SparkEngine(FeatureEngine):
    """Features by Spark, with the calls of `features.engine.Engine`. The session stays the caller's."""

    def __init__(self, tables: Mapping[str, Path | pd.DataFrame], session: SparkSession) -> None:
        self._tables = dict(tables)
        self._session = session
        self._ibis = ibis.pyspark.connect(session)

    def answers(self, source: Source) -> bool:
        """Whether the source has a table."""
        return source.name in self._tables

    def answer(self, source: Source, features: tuple[Feature, ...], questions: Questions) -> Answer:
        """All features of one source for all questions, as one Spark job."""
        table, name = self._tables[source.name], f"{source.name}_records"
        if isinstance(table, pd.DataFrame):
            records = self._session.createDataFrame(arrow_records(table, source))
        else:
            records = self._session.read.parquet(str(table)).select(*column_types(source))
        records.createOrReplaceTempView(name)
        self._session.createDataFrame(questions.table()).createOrReplaceTempView("asked")
        expression = aggregated(self._ibis.table("asked"), self._ibis.table(name), features)
        # Straight to Arrow: Ibis would go through PySpark's pandas conversion, which pandas 3 warns about.
        found = self._session.sql(self._ibis.compile(expression)).toArrow()
        cells = (_floats(found[f"f{place}"]) for place in range(len(features)))
        return Answer(found["asked"].to_numpy(), tuple(cells))


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.cast(pa.float64()).to_pandas(), dtype=np.float64)
