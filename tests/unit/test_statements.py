"""What a profile says, line by line; what nobody states is a line too."""

import re

import pytest

from features.jurisdiction import load_profile
from features.statements import SECTIONS, Standing, statements

PROFILES = ("national", "zhejiang", "hangzhou", "xiamen")


def said(name):
    profile = load_profile(name)
    return {line.path: line for section in SECTIONS for line in statements(profile, section)}


@pytest.mark.parametrize("name", PROFILES)
def test_every_line_has_a_value_and_what_it_rests_on_or_says_that_nobody_states_it(name):
    for line in said(name).values():
        assert (line.value is None) == (line.standing is Standing.NOT_STATED)
        assert (line.basis is not None) == (line.standing is Standing.DOCUMENT)


@pytest.mark.parametrize("name", PROFILES)
def test_a_line_is_worded_in_both_languages(name):
    for line in said(name).values():
        if line.value is not None and line.path[0] != "platforms" and line.path[-1] != "form":
            assert not re.search(r"[\u4e00-\u9fff]", line.value.en), line
        if line.value is not None:
            assert "异常" not in line.value.zh


@pytest.mark.parametrize("name", PROFILES)
def test_no_value_of_a_profile_is_left_unsaid(name):
    profile = load_profile(name)
    lines = said(name)

    stated = {
        (table, key)
        for table, values in profile.values.items()
        if isinstance(values, dict) and table not in ("title", "tiers")
        for key in values
        if key not in ("basis", "set_by") and not key.endswith("_set_by")
    }

    # The interval of rounds is in their name; who contacts is in the title of the line.
    assert stated - set(lines) <= {("rounds", "every_months"), ("care", "who"), ("platforms", "schooling")}


def test_the_national_notice_states_no_intervals_and_no_categories():
    lines = said("national")

    for path in (("care", "contact_days"), ("care", "visit_days"), ("key_care", "categories"), ("tier",)):
        assert lines[path].standing is Standing.NOT_STATED
    assert lines["rounds", "months"].standing is Standing.DEPLOYMENT


def test_the_intervals_read_as_the_documents_state_them():
    assert said("hangzhou")["care", "contact_days"].value.zh == "至少每 3 个月一次（按 92 天计）"
    assert said("xiamen")["care", "contact_days"].value.en == "at least once in 1 month (counted as 31 days)"
    assert (
        said("hangzhou")["care", "visit_days"].value.en == "at least once in 6 months (counted as 183 days)"
    )
    assert said("xiamen")["eligibility", "crossing"].value.zh == "跨设区的市"
    assert said("zhejiang")["eligibility", "crossing"].basis == "浙民儿〔2024〕124号一"


def test_tiers_are_this_deployments_choice():
    assert said("hangzhou")["tier",].standing is Standing.DEPLOYMENT
    assert "一级（3 天内联系）" in said("hangzhou")["tier",].value.zh


def test_lines_from_several_documents_name_them_all():
    assert said("hangzhou")["hotline",].basis == (
        "浙民儿〔2024〕124号二（八）；国家卫生健康委关于12356心理援助热线的通知（2025年5月1日起）"
    )
