"""A Python that has loaded the libraries once and runs one suite after another, each in a process of its own.

Loading them takes longer than most suites that a fault is planted for. Nothing of the project is loaded
here: every run starts in its copy of the project and reads that copy's files. Run as a script: a line in,
`{"root": ..., "arguments": [...], "said": file}`; a line out, how the run ended.
"""

import gc
import json
import os
import signal
import sys
import traceback
from importlib import import_module

LIBRARIES = (
    "pytest", "hypothesis", "schemathesis.pytest.plugin", "numpy", "pandas", "pyarrow.parquet", "scipy.stats",
    "sklearn.linear_model", "sklearn.isotonic", "lightgbm", "shap", "duckdb", "ibis", "ibis.backends.duckdb",
    "great_expectations", "sqlalchemy.orm", "alembic.command", "argon2", "psycopg", "starlette.testclient",
    "cryptography.hazmat.primitives.ciphers.aead", "jinja2", "httpx", "interpret.glassbox", "fairlearn.metrics",
    "bentoml", "_bentoml_impl.server.app", "fastapi.responses", "uvicorn", "anyio._backends._asyncio", "authlib.oidc.core",
    "prometheus_client", "splink", "pypinyin", "dcurves", "mapie.risk_control", "optuna", "mlflow.pyfunc",
    "playwright.sync_api", "axe_playwright_python.sync_playwright", "pytest_cov.plugin", "xdist.plugin", "pytest_socket",
    "_pytest.unittest", "_pytest.junitxml", "_pytest.doctest", "_hypothesis_pytestplugin", "anyio.pytest_plugin",
    "xdist.looponfail", "schemathesis.pytest.xdist", "pyarrow.dataset", "pyarrow.pandas_compat", "stdnum.cn",
    "chinese_calendar", "alembic.config",
)  # fmt: skip
# A plugin loaded before pytest began cannot have its own assertions explained, which nobody needs here.
EXPECTED = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
# A suite that hangs must not hold up the rest.
LONGEST_SECONDS = 600
NOT_RUN = 70


def run(root: str, arguments: list[str], said: str) -> None:
    """Become the run: its folder, its output, its time."""
    signal.alarm(LONGEST_SECONDS)
    with open(said, "wb") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.chdir(root)
    sys.path[0] = root
    try:
        code = import_module("pytest").main(["-W", EXPECTED, *arguments])
    except Exception:  # noqa: BLE001  # an exit code of 1 would say that a test has failed
        traceback.print_exc()
        code = NOT_RUN
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking all those libraries down again one by one takes seconds; what a suite made, its fixtures remove.
    os._exit(code)


def main() -> None:
    """Load, then fork for each line until there are no more."""
    # What is compiled is kept even where the machine keeps none: compiling anew takes as long as running.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # noqa: TID251  # of this process, not a setting of ours
    sys.dont_write_bytecode = False
    for name in LIBRARIES:
        import_module(name)
    hypothesis = import_module("hypothesis")
    # That one example fails is all that is asked; looking for the smallest takes minutes.
    found = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("first", phases=found)
    hypothesis.settings.load_profile("first")
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            run(**json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
