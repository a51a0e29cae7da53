"""What the Bento is made of, and that it serves."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
import yaml

from tests.integration.test_service import make_key
from tests.support_serving import copy_home, settings_at

ROOT = Path(__file__).parents[2]
RECORDS = {
    "residence": [
        {"occurred_on": "2024-03-05", "birth_on": "2015-06-01", "sex": "female", "area_code": "330109001001",
         "hukou_area": "341203", "arrived_on": "2024-02-20"}
    ]
}  # fmt: skip


def test_the_bentofile_names_our_three_folders_and_no_model():
    plan = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))

    assert plan["service"] == "serving.service:Miaohu"
    assert plan["include"] == ["features/**", "models/**", "serving/**"]
    assert "models" not in plan
    assert plan["python"] == {"requirements_txt": "serving/requirements.lock", "lock_packages": False}


def run(home: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment(home), capture_output=True, text=True,
        timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(home: Path, port: int = 3998) -> dict[str, str]:
    handed_on = {**os.environ}  # noqa: TID251  # handed on to the process, not read
    return {**handed_on, "MIAOHU_HOME": str(home), "MIAOHU_PORT": str(port)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, str, Path]:
    """A data home whose champions were built into a Bento: the home, the Bento's tag and its folder."""
    home = copy_home(tmp_path_factory.mktemp("bento") / "home")
    said = run(home, "serving", "bento").splitlines()
    tag = next(line for line in said if line.startswith("miaohu:")).split(":")[1]
    return home, f"miaohu:{tag}", home / "bentoml" / "bentos" / "miaohu" / tag


@pytest.mark.slow
def test_the_bento_holds_what_serves_and_nothing_that_trains_tests_or_simulates(built):
    _, _, folder = built

    source = folder / "src"
    held = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert {path.split("/")[0] for path in held} <= {
        "features",
        "models",
        "serving",
        "bentofile.yaml",
        "README.md",
    }
    assert not [path for path in held if "test" in path or "synthetic" in path or "registry" in path]
    needed = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "serving").rglob("*")
        if path.is_file() and path.suffix in (".py", ".html", ".css", ".svg", ".toml", ".json", ".mako")
    }
    assert needed <= held
    sizes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert sizes < 20_000_000


@pytest.mark.slow
def test_the_bento_s_code_imports_neither_training_nor_mlflow(built):
    _, _, folder = built
    script = (
        "import sys, serving.service, serving.bootstrap\n"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('training', 'evaluation', 'mlflow', 'shap', 'great_expectations', 'sklearn_training')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder / "src", env=environment(built[0]), capture_output=True,
        text=True, timeout=120, check=True,
    )  # fmt: skip

    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_bento_carries_the_champions_and_building_again_exports_nothing_twice(built):
    home, _, folder = built

    plan = yaml.safe_load((folder / "bento.yaml").read_text(encoding="utf-8"))
    assert [model["tag"].split(":")[0] for model in plan["models"]] == ["miaohu-champions"]
    run(home, "serving", "bento")
    exported = home / "bentoml" / "models" / "miaohu-champions"
    assert len([path for path in exported.iterdir() if path.is_dir()]) == 1


def lines_until(lines, word):
    """The lines up to the first that holds the word, or all."""
    for line in lines:
        yield line
        if word in line:
            return


@pytest.mark.slow
def test_the_built_bento_serves_inline_records_with_its_own_champions_and_stops(built):
    home, tag, _ = built
    (home / "champions").rename(home / "champions away")
    (home / "lake").rename(home / "lake away")
    key, port = make_key(home), free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "serving", "serve", "--bento", tag], cwd=ROOT,
        env=environment(home, port), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    late = threading.Timer(120, process.terminate)
    late.start()
    try:
        # It says so a moment after it is: whoever asks sooner may stop it before it has said anything.
        said = "".join(lines_until(process.stdout, "is ready"))
        with httpx.Client(trust_env=False, timeout=10) as client:
            body = {"as_of": "2026-10-01", "records": RECORDS}
            # The first answer makes the queries: on a busy machine it may miss its deadline and be asked again.
            for _ in range(10):
                answer = client.post(f"{address}/v1/score", json=body, headers={"X-API-Key": key})
                if answer.status_code != 504:
                    break
            refused = client.post(f"{address}/v1/score", json=body)
            by_key = client.post(f"{address}/v1/score", json={"child_key": "c"}, headers={"X-API-Key": key})
            page = client.get(f"{address}/sign-in")
    finally:
        late.cancel()
        process.terminate()
        said += process.communicate(timeout=60)[0]

    assert answer.status_code == 200, answer.text
    assert {risk["screener"] for risk in answer.json()["risks"]} == {"psychological", "guardianship"}
    assert refused.status_code == 401
    assert (by_key.status_code, by_key.json()["type"]) == (503, "urn:miaohu:problem:no-records")
    assert page.status_code == 200
    assert process.returncode == 0, said
    assert "is ready" in said
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "a child of the service still listens"


@pytest.mark.slow
def test_a_clone_without_champions_builds_and_says_that_none_is_in_use(tmp_path):
    home = copy_home(tmp_path / "home", champions=False)

    said = run(home, "serving", "bento")

    assert "no screener has been promoted" in said
    folder = next((home / "bentoml" / "bentos" / "miaohu").glob("*/bento.yaml")).parent
    assert yaml.safe_load((folder / "bento.yaml").read_text(encoding="utf-8"))["models"] == []


@pytest.mark.slow
def test_a_port_in_use_gets_a_sentence(tmp_path):
    home = settings_at(tmp_path).home
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "serving", "serve"], cwd=ROOT, env=environment(home, port),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
