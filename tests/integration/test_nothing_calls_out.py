"""No library tells its makers anything, however it is brought in. (Tests have no network either way.)"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_mlflow_has_no_line_to_its_makers_even_outside_our_commands():
    code = (
        "import models.registry; from mlflow.telemetry import get_telemetry_client as client;"
        " print(client() is None)"
    )
    # As in somebody's own notebook: none of our commands has set anything.
    bare = {"HOME": "/nonexistent"}

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=bare, capture_output=True, text=True)

    assert done.stdout.split() == ["True"], done.stderr
