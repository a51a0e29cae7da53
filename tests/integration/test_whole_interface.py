"""The whole described interface, asked whatever its document allows and forbids, by every kind of caller.

No server error, no status, media type or body that the document does not name. The service runs as it does in
production, on loopback.
"""

import socket
import threading
import time

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.api.tokens import PATH as TOKEN
from serving.openapi import document
from serving.review import api_keys
from serving.review.store import Store
from tests.support_door import ALL
from tests.support_review import TIER_DAYS, alert, facts
from tests.support_serving import NOW, copy_home, settings_at

pytestmark = pytest.mark.slow

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
CALLERS = {"nobody": None, "a stranger": "mh_" + "x" * 43, "a reader": ["read"], "everything": list(ALL)}
OPERATIONS = [
    (path, method)
    for path, methods in document()["paths"].items()
    for method in methods
    if method != "parameters"
]


def fill(home) -> dict[str, str | None]:
    """Some cases, and a key for each kind of caller."""
    from serving.review import opening

    store = Store.open(settings_at(home).review_url)
    store.migrate()
    with store.write() as session:
        given = [alert(f"c-{number}") for number in range(20)]
        day = NOW.date()
        opening.open_round(session, round_id="r", as_of=day, screeners={}, now=NOW)
        opening.open_cases(
            session, given, round_id="r", children={one.child_key: facts() for one in given},
            tier_days=TIER_DAYS, now=NOW, today=day,
        )  # fmt: skip
        keys = {
            name: scopes
            if scopes is None or isinstance(scopes, str)
            else api_keys.create(session, title=name, secret=f"{name:*<40}", now=NOW, scopes=scopes)
            for name, scopes in CALLERS.items()
        }
    store.close()
    return keys


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The address of the running service, and the keys."""
    from serving.service import Miaohu

    home = copy_home(tmp_path_factory.mktemp("whole") / "home")
    keys = fill(home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MIAOHU_HOME", str(home))
        environment.setenv("BENTOML_HOME", str(home / "bentoml"))
        server = uvicorn.Server(
            uvicorn.Config(Miaohu.to_asgi(), host="127.0.0.1", port=port, log_config=None)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", keys
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{m} {p}" for p, m in OPERATIONS])
@pytest.mark.parametrize("caller", CALLERS)
def test_an_operation_answers_only_as_its_document_says(service, path, method, caller):
    address, keys = service
    headers = {} if keys[caller] is None else {"X-API-Key": keys[caller]}
    operation = schemathesis.openapi.from_dict(document())[path][method]
    seen: set[int] = set()

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @settings(
            max_examples=12 if caller == "everything" else 3, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            answer = case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)
            seen.add(answer.status_code)

        ask()

    if caller in ("nobody", "a stranger"):
        # To ask for a token is to bring the key in the request itself.
        assert seen <= ({400, 401, 413} if path == TOKEN else {401})
        assert 401 in seen or path == TOKEN
    assert httpx.get(f"{address}/livez", trust_env=False).status_code == 200
