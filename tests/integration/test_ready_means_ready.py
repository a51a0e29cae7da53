"""A service that is ready has loaded and laid out all that the first score and the first page need.

Asked in a process of its own, where nothing was loaded before. Whoever comes first would wait for what is
loaded only then, and on a busy machine meet the deadline.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support_serving import AS_OF, child_keys, copy_home, settings_at

ROOT = Path(__file__).parents[2]
RESIDENCE = {
    "occurred_on": "2024-03-05", "birth_on": "2015-06-01", "sex": "female", "area_code": "330109001001",
    "hukou_area": "341203", "arrived_on": "2024-02-20",
}  # fmt: skip
# The page comes first: scores load parts of what a page needs too.
ASKED = """
import json, sys, warnings
warnings.simplefilter("ignore")
from starlette.applications import Starlette
from starlette.testclient import TestClient
from features.settings import Settings
from serving.bootstrap import open_served
from serving.callers import Caller
from serving.schemas import ScoreRequest

TestClient(Starlette()).get("/")  # what any page of any server needs
served = open_served(Settings.read())
assert served.troubles() == []
caller = Caller("key", "api_key:key", "", frozenset({"score"}))
laid_out = ["_laid_out" in vars(screener.model) for screener in served.endpoint.champions.values()]
loaded = {}
for name, body in json.loads(sys.stdin.read()).items():
    before = set(sys.modules)
    if body is None:
        assert TestClient(served.pages).get("/sign-in").status_code == 200
    else:
        assert json.loads(served.endpoint.score(ScoreRequest.model_validate_json(json.dumps(body)), caller))
    loaded[name] = sorted(set(sys.modules) - before)
served.close()
print(json.dumps([laid_out, loaded]))
"""


@pytest.mark.slow
def test_what_the_first_score_and_page_need_is_loaded_before_the_service_is_ready(tmp_path, monkeypatch):
    home = copy_home(tmp_path / "home")
    monkeypatch.setenv("MIAOHU_HOME", str(home))
    child = {"child_key": child_keys(settings_at(home), 1)[0], "as_of": AS_OF.isoformat()}
    asked = {
        "a page": None,
        "a child by its key": child,
        "its stored row": {**child, "stored": True},
        "records sent along": {"as_of": AS_OF.isoformat(), "records": {"residence": [RESIDENCE]}},
    }
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        input=json.dumps(asked),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    laid_out, loaded = json.loads(done.stdout.splitlines()[-1])
    assert laid_out == [True, True]
    # Python's own codecs come by name, and are a few lines each.
    late = {name: [one for one in new if not one.startswith("encodings.")] for name, new in loaded.items()}
    assert list(late) == list(asked)
    assert not any(late.values()), late
