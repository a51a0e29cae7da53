from datetime import date

import pytest

from features.jurisdiction import (
    DEPLOYMENT,
    ELIGIBILITY,
    ProfileError,
    ProfileUnknown,
    eligibility_reason_text,
    load_profile,
)


def test_hangzhou_inherits_what_zhejiang_and_the_national_notice_say():
    profile = load_profile("hangzhou")

    assert (profile.below_years, profile.minimum_days, profile.crossing) == (16, 183, "county")
    assert (profile.contact_days, profile.visit_days) == (92, 183)
    assert [document.number for document in profile.documents][1:] == [
        "浙民儿〔2024〕124号",
        "民发〔2024〕35号",
    ]
    assert [tier.code for tier in profile.tiers] == ["first", "second", "third", "watch"]
    assert [line.number for line in profile.hotlines] == ["96525", "12355", "12356"]


def test_rounds_are_held_on_the_first_of_april_and_october():
    profile = load_profile("zhejiang")

    assert profile.round_dates(date(2025, 4, 1), date(2026, 4, 1)) == [
        date(2025, 4, 1),
        date(2025, 10, 1),
        date(2026, 4, 1),
    ]
    assert profile.newest_round(date(2026, 9, 30)) == date(2026, 4, 1)
    assert profile.newest_round(date(2026, 10, 1)) == date(2026, 10, 1)
    assert profile.newest_round(date(2026, 3, 31)) == date(2025, 10, 1)


def test_a_value_no_document_states_is_absent_and_says_so():
    with pytest.raises(ProfileUnknown, match=r"national does not state care\.contact_days"):
        _ = load_profile("national").contact_days
    with pytest.raises(ProfileUnknown, match="zhejiang does not state tier"):
        _ = load_profile("zhejiang").tiers
    with pytest.raises(ProfileUnknown, match="central_districts"):
        _ = load_profile("hangzhou").central_districts


def test_a_tier_is_found_by_its_code_or_refused():
    profile = load_profile("hangzhou")

    assert profile.tier("first").contact_within_days == 3
    with pytest.raises(ProfileUnknown, match="no tier 'purple'"):
        profile.tier("purple")


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(
        ProfileError,
        match=r"no jurisdiction profile 'atlantis'; there are: hangzhou, national, xiamen, zhejiang",
    ):
        load_profile("atlantis")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('name = "other"', "must give its own name"),
        ('name = "odd"\ntitle = { zh = "某", en = "Odd" }', "names no document"),
        (
            'name = "odd"\ntitle = { zh = "某", en = "Odd" }\n[[document]]\nnumber = "1"\ntitle = "t"',
            "needs in_force_on",
        ),
        (
            (
                'name = "odd"\ntitle = { zh = "某", en = "Odd" }\n[care]\ncontact_days = 3\n'
                '[[document]]\nnumber = "1"\ntitle = "t"\nin_force_year = 2024'
            ),
            r"\[care\] says neither its basis",
        ),
        (
            (
                'name = "odd"\ntitle = { zh = "某", en = "Odd" }\n[[hotline]]\nnumber = "1"\n'
                '[[document]]\nnumber = "1"\ntitle = "t"\nin_force_year = 2024'
            ),
            r"\[hotline\] says neither its basis",
        ),
    ],
)
def test_a_profile_that_lacks_what_it_must_say_is_refused(tmp_path, text, sentence):
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError, match=sentence):
        load_profile("odd", tmp_path)


def test_every_profile_that_ships_can_be_read_and_rests_on_documents():
    for name in ("national", "zhejiang", "hangzhou", "xiamen"):
        assert load_profile(name).documents


def test_xiamen_counts_moves_between_cities_and_asks_for_more_contact():
    profile = load_profile("xiamen")

    assert (profile.below_years, profile.minimum_days, profile.crossing) == (16, 183, "city")
    assert (profile.contact_days, profile.visit_days, profile.round_months) == (31, 92, (4, 10))
    assert [line.number for line in profile.hotlines] == ["12355", "12356"]
    assert profile.value("platforms", "main") == "智慧民政"
    with pytest.raises(ProfileUnknown, match="xiamen does not state tier"):
        _ = profile.tiers


def test_each_profile_keeps_the_wording_of_its_own_document_on_key_care():
    printed = {
        name: [category.printed for category in load_profile(name).categories]
        for name in ("zhejiang", "hangzhou", "xiamen")
    }

    assert printed["zhejiang"][1:3] == ["自身残疾或重病", "监护缺失或监护不当"]
    assert printed["xiamen"][1:3] == ["自身残疾", "监护缺失"]
    assert (printed["zhejiang"][4], printed["xiamen"][4]) == ("心理或行为异常", "心理和行为异常")
    assert printed["hangzhou"][0] == "困境流动儿童"
    assert printed["hangzhou"][1:] == printed["zhejiang"]
    with pytest.raises(ProfileUnknown, match=r"national does not state key_care\.categories"):
        _ = load_profile("national").categories


def test_a_value_names_the_document_that_states_it_however_it_was_inherited():
    hangzhou, xiamen = load_profile("hangzhou"), load_profile("xiamen")

    assert hangzhou.basis("care", "contact_days") == "浙民儿〔2024〕124号一（二）"
    assert hangzhou.basis("platforms", "sharing") == "浙民儿〔2024〕124号一（三）"
    assert hangzhou.basis("platforms", "main").startswith("杭州市加强流动儿童关爱保护推进方案")
    assert hangzhou.basis("tier") == DEPLOYMENT
    assert hangzhou.basis("rounds", "months") == DEPLOYMENT
    assert xiamen.basis("rounds", "months") == "厦民〔2025〕82号三（四）"
    with pytest.raises(ProfileUnknown, match=r"care\.contact_days"):
        load_profile("national").basis("care", "contact_days")


def test_a_document_that_was_only_cited_says_so():
    read = {document.number: document.read for document in load_profile("xiamen").documents}

    assert read == {"厦民〔2025〕82号": True, "闽民童〔2025〕5号": False, "民发〔2024〕35号": False}


def test_every_eligibility_reason_has_a_wording():
    assert eligibility_reason_text("over_age").zh == "已满十六周岁"
    assert set(ELIGIBILITY) == {
        "eligible", "over_age", "too_recent", "left", "same_county", "same_city", "cannot_tell_area",
        "no_residence",
    }  # fmt: skip


def test_a_profile_without_any_line_has_none(tmp_path):
    (tmp_path / "quiet.toml").write_text(
        'name = "quiet"\ntitle = { zh = "某", en = "Quiet" }\n'
        '[[document]]\nnumber = "1"\ntitle = "t"\nin_force_year = 2024',
        encoding="utf-8",
    )

    with pytest.raises(ProfileUnknown, match="quiet does not state hotline"):
        _ = load_profile("quiet", tmp_path).hotlines
