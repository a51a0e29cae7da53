import subprocess
import sys
from pathlib import Path

HELD_TO_THE_END = """
import duckdb
from serving.memory import keep_what_is_loaded

class Held:
    pass

held = Held()
held.itself, held.database = held, duckdb.connect()
del held
keep_what_is_loaded()
"""


def test_a_process_that_kept_what_it_loaded_ends_without_a_word():
    done = subprocess.run(
        [sys.executable, "-c", HELD_TO_THE_END], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
