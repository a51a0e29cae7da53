"""What a case system reads: its area and nothing else, a part at a time, and never a name."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review import audit
from serving.review.tables import AuditEvent, Case
from tests import support_review as support
from tests.support_door import kind, make_key, system
from tests.support_review import ELSEWHERE, NOW, VILLAGE, alert, open_cases


@pytest.fixture
def filled(store):
    """Five children here, by every lane, and one elsewhere."""
    lanes = {"c-one": Lane.TRIGGER, "c-two": Lane.REQUEST, "c-three": Lane.MODEL, "c-four": Lane.AUDIT}
    for number, (child, lane) in enumerate({**lanes, "c-five": Lane.MODEL, "c-away": Lane.MODEL}.items()):
        open_cases(
            store, [alert(child, lane)], areas={"c-away": ELSEWHERE}, now=NOW + timedelta(hours=number)
        )
    return store


def walk(client, where: str) -> list[dict]:
    """Every item, by following the cursors."""
    items, cursor = [], ""
    while True:
        page = client.get(f"{where}{cursor}").json()
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


def test_a_key_says_what_it_opens(store):
    answer = system(store, scopes=["read"]).get("/key").json()

    assert (answer["title"], answer["scopes"], answer["area_prefix"]) == ("样例系统", ["read"], VILLAGE)


@pytest.mark.parametrize("where", ["/alerts", "/cases"])
def test_a_list_holds_the_keys_area_only_and_comes_whole_in_parts(filled, where):
    here, everywhere = system(filled), system(filled, area="")

    parts = walk(here, f"{where}?limit=2")

    assert [item["child_key"] for item in parts] == ["c-one", "c-two", "c-three", "c-four", "c-five"]
    assert parts == here.get(where).json()["items"]
    assert len(everywhere.get(where).json()["items"]) == 6
    assert [i["child_key"] for i in everywhere.get(f"{where}?area={ELSEWHERE}").json()["items"]] == ["c-away"]


@pytest.mark.parametrize(
    ("came_by", "children"),
    [("trigger", ["c-one"]), ("request", ["c-two"]), ("screening", ["c-three", "c-four", "c-five"])],
)
@pytest.mark.parametrize("where", ["/alerts", "/cases"])
def test_a_list_is_cut_by_how_a_case_came_and_never_tells_the_lot_of_a_round(
    filled, where, came_by, children
):
    items = system(filled).get(f"{where}?came_by={came_by}").json()["items"]

    assert [item["child_key"] for item in items] == children
    assert {item["came_by"] for item in items} == {came_by}


def test_cases_are_cut_by_status_tier_and_change(filled):
    client = system(filled)
    first = client.get("/cases").json()["items"][0]

    client.post(f"/cases/{first['id']}/claim", if_match='"1"')

    assert [i["id"] for i in client.get("/cases?status=waiting").json()["items"]].count(first["id"]) == 0
    assert client.get("/cases?status=closed").json() == {"items": [], "next": None}
    assert len(client.get("/cases?tier=first").json()["items"]) == 2
    since = (NOW + timedelta(hours=3)).isoformat().replace("+", "%2B")
    assert [i["child_key"] for i in client.get(f"/cases?changed_since={since}").json()["items"]] == [
        "c-four",
        "c-five",
    ]
    assert len(client.get(f"/alerts?raised_since={since}").json()["items"]) == 2


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nonsense",
        "cursor=W10",
        "cursor=eyJhIjoxfQ",
        "cursor=%E5%BC%A0",
        "limit=0",
        "limit=201",
        "limit=x",
        "status=nothing",
        "changed_since=2026-10-01T00:00:00",
        "changed_since=0001-01-01T00:00:00%2B14:00",
        "changed_since=9999-12-31T23:59:59-14:00",
        "area=x",
        "unknown=1",
        "limit=1&limit=2",
    ],
)
def test_a_query_that_cannot_be_is_refused_by_its_field_and_not_repeated(filled, query):
    answer = system(filled).get(f"/cases?{query}")

    assert kind(answer) == "invalid-request"
    assert answer.json()["errors"][0]["field"] in {*query.replace("=", "&").split("&"), "query"}
    assert "nonsense" not in answer.text


def test_a_cursor_belongs_to_its_filters_and_its_list(filled):
    client = system(filled)
    cursor = client.get("/cases?limit=1").json()["next"]

    assert client.get(f"/cases?limit=2&cursor={cursor}").status_code == 200
    assert kind(client.get(f"/cases?status=waiting&cursor={cursor}")) == "invalid-request"
    assert kind(client.get(f"/alerts?cursor={cursor}")) == "invalid-request"


def test_one_case_has_its_version_as_etag(filled):
    client = system(filled)
    [case] = client.get("/cases?came_by=trigger").json()["items"]

    answer = client.get(f"/cases/{case['id']}")
    same = client.get(f"/cases/{case['id']}", if_none_match='"1"')
    other = client.get(f"/cases/{case['id']}", if_none_match='"2"')

    assert (answer.status_code, answer.headers["etag"], answer.json()["version"]) == (200, '"1"', 1)
    assert answer.json()["may"] == ["claim_case", "record_objection"]
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    assert other.status_code == 200


def test_a_case_elsewhere_and_one_that_is_not_there_are_told_apart_by_nothing(filled):
    client = system(filled)
    with filled.read() as session:
        elsewhere = session.scalar(select(Case.id).where(Case.area_code == ELSEWHERE))

    there = client.get(f"/cases/{elsewhere}", x_request_id="the-same-one")
    nowhere = client.get("/cases/aaaaaaaaaa", x_request_id="the-same-one")

    assert kind(there) == "unknown-case"
    assert there.content == nowhere.content


def test_no_answer_holds_a_name_and_none_may_be_kept_on_the_way(filled):
    client = system(filled)

    for where in ("/key", "/alerts", "/cases", "/outcomes"):
        answer = client.get(where)
        assert answer.headers["cache-control"] == "no-store"
        assert not [name for name in support.NAMES.values() if name in answer.text]


def test_every_read_is_in_the_log_with_its_client_and_how_much_it_gave(filled):
    client = system(filled)

    client.get("/cases?limit=3")
    client.get("/cases/aaaaaaaaaa")
    case_id = client.get("/alerts").json()["items"][0]["case_id"]
    client.get(f"/cases/{case_id}")

    with filled.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.verb.startswith("api_"))).all()
        audit.verify(session)
    assert [(event.verb, event.detail) for event in events] == [
        ("api_list_cases", {"rows": 3}),
        ("api_list_alerts", {"rows": 5}),
        ("api_get_case", {"rows": 1}),
    ]
    assert {event.actor.startswith("key:k") for event in events} == {True}
    assert events[-1].subject == case_id


def test_a_key_that_is_over_opens_nothing(store):
    client = system(store)
    client.key = make_key(store, expires_at=NOW)

    assert kind(client.get("/key")) == "unauthenticated"
