"""Features on Spark, for a county that one machine cannot hold. The same expressions, the same bits.

Imported by nobody: whoever needs it has the `spark` extra and Java, and gives it a session. Nothing
here restates what a feature means; it only hands `features.expressions` to Ibis' Spark backend. A
deployer whose lake lies where every worker can read it does what `features.matrices` does with DuckDB:

    session = SparkSession.builder.master("spark://...").config(map=SETTINGS).getOrCreate()
    matrix = SparkEngine(lake.tables(), session).matrix(people[["child_key", "as_of"]], FEATURES, silent)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyspark
from pyspark.sql import SparkSession

from features.expressions import aggregated
from features.language import Feature, Source
from features.questions import Answer, FeatureEngine, Questions, arrow_records, column_types

# What the answers rest on, wherever the session runs: days are days in UTC, and nothing is left behind.
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.catalogImplementation": "in-memory"}


def local_session(
    threads: int = 2, memory: str = "2g", workers: int = 0, home: str | None = None
) -> SparkSession:
    """Spark on this machine alone: bound to loopback, no web page, no files left behind.

    With `workers` it is a cluster of so many workers, each a process of its own with one core and a
    gigabyte, that ends with the session; `home` is then where Spark is installed (PySpark's own copy if
    None). The environment must say SPARK_LOCAL_HOSTNAME=127.0.0.1, or the workers listen elsewhere.
    """
    cluster = f"local-cluster[{workers},1,1024]"
    builder = (
        SparkSession.builder.master(cluster if workers else f"local[{threads}]")
        .appName("miaohu features")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", memory)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", str(2 * (workers or threads)))
        .config(map=SETTINGS)
    )
    if workers:
        builder = builder.config("spark.home", home or str(Path(pyspark.__file__).parent))
    return builder.getOrCreate()


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
        self._session.createDataFrame(questions.table).createOrReplaceTempView("asked")
        expression = aggregated(self._ibis.table("asked"), self._ibis.table(name), features)
        # Straight to Arrow: Ibis would go through PySpark's pandas conversion, which pandas 3 warns about.
        found = self._session.sql(self._ibis.compile(expression)).toArrow()
        cells = (_floats(found[f"f{place}"]) for place in range(len(features)))
        return Answer(found["asked"].to_numpy(), tuple(cells))


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.cast(pa.float64()).to_pandas(), dtype=np.float64)
