"""The scoring endpoint as a case system meets it: through the door, on a data home."""

import json
import logging
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from features.cohort import cohort
from features.jurisdiction import load_profile
from features.lake import Lake
from features.sources import source_named
from models.screening import Screening
from serving.openapi import OPENAPI_FILE
from serving.review import api_keys, audit, screenings
from serving.review.store import Store
from serving.review.tables import AlertRow, ApiKey, AuditEvent, Case, FeatureRow, ScreeningRow
from serving.schemas import ScoreAnswer, ScoreBatchAnswer
from tests.support_serving import (
    AREAS,
    AS_OF,
    NOW,
    child_keys,
    copy_home,
    delivery,
    id_number,
    settings_at,
)  # fmt: skip

SECRET = "s" * 40
RESIDENCE = {
    "occurred_on": "2024-03-05", "birth_on": "2015-06-01", "sex": "female", "area_code": "330109001001",
    "hukou_area": "341203", "arrived_on": "2024-02-20",
}  # fmt: skip
DAY = AS_OF.isoformat()


def make_key(home: Path, area: str = "", title: str = "test", secret: str = SECRET) -> str:
    store = Store.open(settings_at(home).review_url)
    store.migrate()
    with store.write() as session:
        key = api_keys.create(session, title=title, secret=secret, now=NOW, area_prefix=area)
    store.close()
    return key


class Client:
    def __init__(self, app: TestClient, home: Path, key: str) -> None:
        self.app, self.home, self.key = app, home, key

    def score(self, body: dict, key: str | None = None):
        return self.app.post("/v1/score", json=body, headers={"X-API-Key": key or self.key})

    def batch(self, body: dict):
        return self.app.post("/v1/score_batch", json=body, headers={"Authorization": f"Bearer {self.key}"})

    def rows(self, table: type) -> list:
        store = Store.open(settings_at(self.home).review_url)
        with store.read() as session:
            found = list(session.scalars(select(table)))
        store.close()
        return found


@contextmanager
def served(home: Path, area: str = ""):
    from serving.service import Miaohu

    key = make_key(home, area)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MIAOHU_HOME", str(home))
        environment.setenv("BENTOML_HOME", str(home / "bentoml"))
        with TestClient(Miaohu.to_asgi()) as app:
            yield Client(app, home, key)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with served(copy_home(tmp_path_factory.mktemp("served") / "home")) as client:
        yield client


@pytest.fixture(scope="module")
def keys(client):
    return child_keys(settings_at(client.home), 40)


@pytest.fixture(scope="module")
def people(client):
    return cohort(Lake(settings_at(client.home).lake).tables(), AS_OF, load_profile("hangzhou"))


@pytest.fixture(scope="module")
def someone(client, people):
    """A child in scope of whom both screeners speak."""
    for key in people[people["eligible"]]["child_key"]:
        answer = client.score({"child_key": key, "as_of": DAY}).json()
        if all(risk["risk"] is not None for risk in answer["risks"]):
            return key
    raise AssertionError("the made-up lake holds nobody to screen")


def test_one_child_is_answered_at_the_root_in_both_languages(client, someone):
    answer = client.score({"child_key": someone, "as_of": DAY})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    found = ScoreAnswer.model_validate_json(answer.text)
    assert (found.eligible, found.reason, found.child_key) == (True, None, someone)
    assert (found.as_of, found.expires_on) == (AS_OF, date(2027, 3, 30))
    assert [risk.screener for risk in found.risks] == ["psychological", "guardianship"]
    assert set(found.versions.screeners) == {"psychological", "guardianship"}
    assert found.versions.simulated
    for risk in found.risks:
        assert 0 <= risk.low <= risk.risk <= risk.high <= 1
        assert "名" in risk.words.zh
        assert " of " in risk.words.en
        assert risk.screening_id
        assert {row.source for row in risk.not_known} == {"hotline_calls"}
        assert len(risk.reasons) > 5
        assert all(reason.title.zh and reason.title.en and reason.ask.zh for reason in risk.reasons)
    features = [f for risk in found.risks for reason in risk.reasons for f in reason.features]
    assert all(f.department.zh and f.department.en and f.source for f in features)
    evidence = [e for f in features for e in f.evidence]
    assert evidence
    assert all(e.known_on < AS_OF and e.occurred_on < AS_OF for e in evidence)


def test_an_id_number_finds_the_child_its_key_stands_for(client, keys):
    by_key = client.score({"child_key": keys[3], "as_of": DAY})
    by_number = client.score({"id_number": id_number(3), "as_of": DAY})

    assert by_number.status_code == 200
    assert by_number.json() == by_key.json()


def test_a_screening_on_request_is_kept_with_its_feature_row_and_opens_no_alert(client, someone):
    answer = client.score({"child_key": someone, "as_of": DAY}).json()

    kept = {row.id: row for row in client.rows(ScreeningRow)}
    for risk in answer["risks"]:
        row = kept[risk["screening_id"]]
        screening = Screening.from_json(row.body)
        assert (screening.child_key, screening.risk, screening.low) == (someone, risk["risk"], risk["low"])
        assert row.expires_on == date(2027, 3, 30)
        features = {f.id: f for f in client.rows(FeatureRow)}[row.feature_row_id]
        said = {f["feature"]: f["value"] for reason in risk["reasons"] for f in reason["features"]}
        assert said.items() <= features.features.items()
    assert client.rows(AlertRow) == []
    assert client.rows(Case) == []


def test_asking_again_keeps_nothing_twice(client, someone):
    first = client.score({"child_key": someone, "as_of": DAY}).json()
    before = len(client.rows(ScreeningRow)), len(client.rows(FeatureRow))

    assert client.score({"child_key": someone, "as_of": DAY}).json() == first
    assert (len(client.rows(ScreeningRow)), len(client.rows(FeatureRow))) == before


def test_every_screening_on_request_leaves_an_audit_event(client, someone):
    before = sum(event.verb == "screen_on_request" for event in client.rows(AuditEvent))

    client.score({"child_key": someone, "as_of": DAY})

    events = [event for event in client.rows(AuditEvent) if event.verb == "screen_on_request"]
    assert len(events) == before + 1
    assert events[-1].actor in {row.id for row in client.rows(ApiKey)}
    assert someone not in json.dumps(events[-1].detail)


def test_without_a_date_the_answer_is_as_of_today_in_china(client, keys):
    from serving import bootstrap

    answer = client.score({"child_key": keys[0]}).json()

    assert answer["as_of"] in {bootstrap.today().isoformat()}


def test_a_date_to_come_is_refused(client, keys):
    answer = client.score({"child_key": keys[0], "as_of": "2199-01-01"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "as_of", "message": "must not be after today"}]


def test_an_unknown_child_and_one_elsewhere_get_the_same_answer(client, keys, people, someone):
    area = people.set_index("child_key")["area_code"][someone]
    elsewhere = next(code for code in AREAS if code != area)
    key = make_key(client.home, elsewhere, "elsewhere", "e" * 40)

    unknown = client.score({"child_key": "cnobodynobodynobodynobody", "as_of": DAY}, key)
    outside = client.score({"child_key": someone, "as_of": DAY}, key)

    assert unknown.status_code == outside.status_code == 404
    assert unknown.json() | {"request_id": ""} == outside.json() | {"request_id": ""}
    assert unknown.json()["type"] == "urn:miaohu:problem:unknown-child"
    assert set(unknown.headers) == set(outside.headers)


def test_a_key_of_the_child_s_own_town_opens_its_screening(client, people, someone):
    town = people.set_index("child_key")["area_code"][someone][:9]
    key = make_key(client.home, town, "town", "t" * 40)

    assert client.score({"child_key": someone, "as_of": DAY}, key).status_code == 200


def test_a_child_not_yet_known_on_the_date_is_unknown(client, keys):
    assert client.score({"child_key": keys[0], "as_of": "2023-03-02"}).status_code == 404


def test_a_child_out_of_scope_gets_the_reason_and_no_risk(client, keys):
    answer = client.score({"child_key": keys[0], "as_of": "2023-03-20"}).json()

    assert answer["eligible"] is False
    assert answer["reason"] == {
        "code": "too_recent", "zh": "来本地居住未满六个月", "en": "Has lived here for less than six months",
    }  # fmt: skip
    assert answer["risks"] == []
    assert answer["expires_on"] is None


def test_a_number_that_cannot_be_one_is_refused_without_being_repeated(client):
    answer = client.score({"id_number": "330109201501010010"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "id_number", "message": "is not a valid ID number"}]
    assert "330109201501010010" not in answer.text


def test_inline_records_are_screened_and_nothing_is_kept(client):
    before = len(client.rows(ScreeningRow)), len(client.rows(FeatureRow))

    answer = client.score({"as_of": DAY, "records": {"residence": [RESIDENCE], "absences": []}})

    assert answer.status_code == 200
    found = ScoreAnswer.model_validate_json(answer.text)
    assert (found.child_key, found.eligible) == (None, True)
    assert [risk.abstained.code for risk in found.risks] == ["too_little_known"] * 2
    assert (len(client.rows(ScreeningRow)), len(client.rows(FeatureRow))) == before


def inline_all() -> dict:
    """Records that leave no department silent."""
    from serving.schemas import INLINE_SOURCES

    return {**{source.name: [] for source in INLINE_SOURCES}, "residence": [RESIDENCE]}


def test_inline_records_that_say_enough_get_a_risk_with_the_row_as_evidence(client):
    records = inline_all()
    records["absences"] = [{"occurred_on": "2026-09-10", "kind": "unexplained", "sessions": 3}]

    found = ScoreAnswer.model_validate(client.score({"as_of": DAY, "records": records}).json())

    for risk in found.risks:
        assert risk.risk is not None
        assert risk.screening_id is None
        rows = {e.record_id for r in risk.reasons for f in r.features for e in f.evidence}
        assert "residence[0]" in rows


def test_inline_records_are_kept_as_a_feature_row_when_asked(client):
    body = {"as_of": DAY, "records": inline_all(), "keep": True}

    answer = client.score(body).json()

    kept = {row.id for row in client.rows(ScreeningRow)}
    assert {risk["screening_id"] for risk in answer["risks"]} <= kept
    assert client.score(body).json() == answer


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"occurred_on": DAY}, "records.absences[1].occurred_on"),
        ({"occurred_on": "2026-09-30", "known_on": DAY}, "records.absences[1].known_on"),
        ({"occurred_on": "2026-09-10", "known_on": "2026-09-09"}, "records.absences[1].known_on"),
    ],
)
def test_an_inline_record_not_known_before_the_date_is_refused_by_its_row(client, record, field):
    good = {"occurred_on": "2026-09-29", "known_on": "2026-09-30", "kind": "sick"}

    answer = client.score(
        {"as_of": DAY, "records": {"residence": [RESIDENCE], "absences": [good, {"kind": "sick", **record}]}}
    )

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_request_is_known_by_one_number_in_its_answer_its_problem_and_the_log(client):
    own = {"X-API-Key": client.key, "X-Request-Id": "case-system-0001"}

    answer = client.app.post("/v1/score", json={"child_key": "nobody"}, headers=own)
    page = client.app.get("/sign-in")

    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "case-system-0001"
    assert re.fullmatch(r"[0-9a-f]{32}", page.headers["x-request-id"])


def test_inline_records_without_a_residence_are_out_of_scope(client):
    answer = client.score({"as_of": DAY, "records": {"absences": []}}).json()

    assert (answer["eligible"], answer["reason"]["code"]) == (False, "no_residence")


def test_a_batch_answers_in_order_and_says_who_is_unknown(client, keys):
    children = [{"child_key": keys[1]}, {"child_key": "nobody"}, {"id_number": id_number(2)}]

    answer = client.batch({"children": children, "as_of": DAY})

    assert answer.status_code == 200
    found = ScoreBatchAnswer.model_validate_json(answer.text)
    assert [item.index for item in found.children] == [0, 1, 2]
    assert [item.problem for item in found.children] == [None, "urn:miaohu:problem:unknown-child", None]
    singles = [client.score({"child_key": key, "as_of": DAY}).json() for key in keys[1:3]]
    assert [item["answer"] for item in answer.json()["children"] if item["answer"]] == singles


def test_a_batch_may_leave_the_reasons_out_and_nothing_else(client, keys):
    children = [{"child_key": key} for key in keys[:6]]

    whole = client.batch({"children": children, "as_of": DAY})
    short = client.batch({"children": children, "as_of": DAY, "reasons": False})

    ScoreBatchAnswer.model_validate_json(short.text)
    risks = [risk for item in whole.json()["children"] for risk in item["answer"]["risks"]]
    without = [risk for item in short.json()["children"] for risk in item["answer"]["risks"]]
    assert [risk | {"reasons": None} for risk in risks] == without
    assert len(short.content) * 4 < len(whole.content)


def test_the_same_child_twice_in_a_batch_is_answered_twice(client, keys):
    found = client.batch({"children": [{"child_key": keys[1]}] * 2, "as_of": DAY}).json()["children"]

    assert found[0]["answer"] == found[1]["answer"]


def test_every_bad_number_of_a_batch_is_named(client):
    children = [{"id_number": id_number(1)}, {"id_number": "330109201501010010"}, {"id_number": "1" * 18}]

    answer = client.batch({"children": children})

    assert [e["field"] for e in answer.json()["errors"]] == ["children[1].id_number", "children[2].id_number"]


def test_a_bad_body_is_named_by_field_and_neither_answered_nor_logged_with_its_values(client, caplog):
    number, name = "330109201501010028", "欧阳测试"
    bodies = [
        {"id_number": number, "child_key": name},
        {"child_key": [name]},
        {"id_number": number + number},
        {number: name},
        {"records": {"residence": [{**RESIDENCE, "sex": name}], "absences": [{"kind": number}]}},
    ]

    with caplog.at_level(logging.DEBUG):
        answers = [client.score(body) for body in bodies]
        headers = {"X-API-Key": client.key, "Content-Type": "application/json"}
        torn = f'{{"id_number": "{number}'
        answers.append(client.app.post("/v1/score", content=torn, headers=headers))

    for answer in answers:
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"]
        assert number not in answer.text
        assert name not in answer.text
    assert number not in caplog.text
    assert name not in caplog.text


def test_a_revoked_key_opens_nothing(client, keys):
    key = make_key(client.home, title="gone", secret="g" * 40)
    assert client.score({"child_key": keys[0], "as_of": DAY}, key).status_code == 200

    store = Store.open(settings_at(client.home).review_url)
    with store.write() as session:
        row = session.scalar(select(ApiKey).where(ApiKey.title == "gone"))
        assert row.last_used_at is not None
        api_keys.revoke(session, row.id, now=NOW)
    store.close()

    assert client.score({"child_key": keys[0], "as_of": DAY}, key).status_code == 401


def test_the_review_pages_and_the_interface_s_document_stand_beside_the_endpoint(client):
    assert client.app.get("/sign-in").status_code == 200
    assert client.app.get("/openapi.json").content == OPENAPI_FILE.read_bytes()
    assert client.app.get("/readyz").status_code == 200


def test_an_address_with_a_line_break_in_it_is_answered_as_any_other_of_the_interface(client):
    for path in ("/api/v1/cases/%0A", "/api/v1/cases/%0A/plans", "/api/v1/%0A"):
        answer = client.app.get(path)

        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code in (401, 404)


@pytest.mark.parametrize("path", ["/docs.json", "/schema.json", "/static_content/index.css"])
def test_bentoml_says_nothing_about_itself(client, path):
    answer = client.app.get(path)

    assert answer.status_code == 404
    assert "html" in answer.headers["content-type"]


def test_a_stored_row_is_screened_as_when_it_was_computed_and_says_of_when_it_is(client, someone):
    earlier = (AS_OF - timedelta(days=20)).isoformat()
    computed = client.score({"child_key": someone, "as_of": earlier}).json()
    rows, said_before = client.rows(FeatureRow), client.rows(ScreeningRow)
    events = client.rows(AuditEvent)

    stored = client.score({"child_key": someone, "as_of": earlier, "stored": True}).json()

    def said(answer: dict) -> dict:
        for risk in answer["risks"]:
            for feature in (one for reason in risk["reasons"] for one in reason["features"]):
                feature["evidence"] = []
        return answer

    # The same to the bit, and so kept once: the answer names what was said first, with its records.
    assert said(stored) == said(computed)
    assert any(risk["screening_id"] for risk in stored["risks"])
    assert stored["as_of"] == earlier
    assert len(client.rows(FeatureRow)) == len(rows)
    assert len(client.rows(ScreeningRow)) == len(said_before)
    assert [event.verb for event in client.rows(AuditEvent)[len(events) :]] == ["screen_on_request"]


def test_where_no_stored_row_is_good_enough_the_features_are_computed(client, someone):
    never = client.score({"child_key": someone, "as_of": "2025-06-01", "stored": True}).json()
    expired = client.score({"child_key": someone, "as_of": "2026-03-01", "stored": True}).json()
    nobody = client.score({"child_key": "c" + "z" * 26, "as_of": DAY, "stored": True})

    assert never["as_of"] == "2025-06-01"
    assert expired["as_of"] == "2026-03-01"
    assert nobody.status_code == 404


def test_a_row_read_by_another_version_of_a_screener_is_not_good_enough(client, people):
    key = people[people["eligible"]]["child_key"].iloc[-1]
    day = (AS_OF - timedelta(days=40)).isoformat()
    first = client.score({"child_key": key, "as_of": day}).json()
    store = Store.open(settings_at(client.home).review_url)
    with store.write() as session:
        [row] = session.scalars(
            select(FeatureRow).where(FeatureRow.child_key == key, FeatureRow.as_of == date.fromisoformat(day))
        )
        screening = Screening.from_json(
            session.scalars(select(ScreeningRow).where(ScreeningRow.feature_row_id == row.id)).first().body
        )
        later = AS_OF - timedelta(days=10)
        of_later = screenings.add_feature_row(
            session, child_key=key, as_of=later, features=row.features, silent=row.silent, now=NOW
        )
        screenings.add_screenings(
            session,
            [replace(screening, as_of=later, version="another")],
            now=NOW,
            feature_rows={key: of_later},
        )
    store.close()

    asked = (later + timedelta(days=1)).isoformat()
    assert client.score({"child_key": key, "as_of": asked, "stored": True}).json()["as_of"] == first["as_of"]


def test_a_stored_row_of_a_child_outside_the_callers_area_is_not_there(client, someone):
    client.score({"child_key": someone, "as_of": DAY})
    key = make_key(client.home, area="110101", title="far away", secret="far-away-" * 5)

    assert client.score({"child_key": someone, "as_of": DAY, "stored": True}, key=key).status_code == 404


def test_stored_is_refused_for_records_sent_inline(client):
    answer = client.score({"records": {"residence": [RESIDENCE]}, "as_of": DAY, "stored": True})

    assert answer.status_code == 400


def test_the_log_is_whole_after_all_this(client):
    store = Store.open(settings_at(client.home).review_url)
    with store.read() as session:
        assert audit.verify(session) > 5
    store.close()


def test_without_a_champion_the_endpoint_says_that_the_queue_goes_on(tmp_path):
    with served(copy_home(tmp_path / "home", champions=False)) as client:
        answers = [client.score({"child_key": "x"}), client.batch({"children": [{"child_key": "x"}]})]

        for answer in answers:
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:miaohu:problem:no-champion"
            assert "triggers" in answer.json()["detail"]
        assert client.app.get("/sign-in").status_code == 200


def test_a_champion_that_can_no_longer_be_used_leaves_the_pages_running(tmp_path):
    home = copy_home(tmp_path / "home")
    for file in (home / "champions").rglob("screener.json"):
        notes = json.loads(file.read_text(encoding="utf-8"))
        notes["features"][next(iter(notes["features"]))] = "declared otherwise"
        file.write_text(json.dumps(notes), encoding="utf-8")

    with served(home) as client:
        assert client.score({"child_key": "x"}).json()["type"] == "urn:miaohu:problem:no-champion"
        assert client.app.get("/sign-in").status_code == 200


def test_without_department_records_only_inline_records_are_screened(tmp_path):
    home = copy_home(tmp_path / "home")
    (home / "lake").rename(home / "lake away")

    with served(home) as client:
        by_key = client.score({"child_key": "x"})
        batch = client.batch({"children": [{"id_number": id_number(1)}]})
        inline = client.score({"as_of": DAY, "records": {"residence": [RESIDENCE]}})

    assert by_key.status_code == batch.status_code == 503
    assert by_key.json()["type"] == batch.json()["type"] == "urn:miaohu:problem:no-records"
    assert inline.status_code == 200


def test_a_child_only_other_departments_know_has_no_residence(tmp_path):
    home = copy_home(tmp_path / "home")
    source = source_named("absences")
    lake = Lake(settings_at(home).lake)
    row = {
        "child_key": "cschoolonly", "record_id": "r1", "version": 1, "occurred_on": date(2026, 9, 1),
        "known_on": date(2026, 9, 26), "delivery": "late", "kind": "sick",
    }  # fmt: skip
    lake.append(source, pd.DataFrame([row]), delivery(source, 1, "late", date(2026, 9, 26)))
    lake.compact()

    with served(home, area="") as client:
        answer = client.score({"child_key": "cschoolonly", "as_of": DAY})
        before = client.score({"child_key": "cschoolonly", "as_of": "2026-09-26"})
        town = make_key(home, "330109", "town", "w" * 40)
        outside = client.score({"child_key": "cschoolonly", "as_of": DAY}, town)

    assert answer.json()["reason"]["code"] == "no_residence"
    assert before.status_code == outside.status_code == 404
