from pathlib import Path

import pytest

from features.settings import SETTINGS, Settings, SettingsError


def test_everything_lies_under_one_data_home_by_default(tmp_path):
    settings = Settings.read({"MIAOHU_HOME": str(tmp_path)})

    paths = [settings.deliveries, settings.truth, settings.lake, settings.quarantine, settings.reports,
             settings.matrices, settings.champions, settings.mlflow_artifacts, settings.key_file]  # fmt: skip
    assert all(path.is_relative_to(tmp_path) for path in paths)
    assert settings.review_url == f"sqlite:///{tmp_path / 'review.db'}"
    assert settings.identity_url == f"sqlite:///{tmp_path / 'identity.db'}"
    assert settings.mlflow_url == f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert (settings.host, settings.port, settings.jurisdiction) == ("127.0.0.1", 3000, "hangzhou")


def test_reading_settings_creates_nothing(tmp_path):
    Settings.read({"MIAOHU_HOME": str(tmp_path / "home")})

    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_a_port_that_is_none_is_refused_in_a_sentence(port):
    with pytest.raises(SettingsError, match="MIAOHU_PORT must be a number from 1 to 65535"):
        Settings.read({"MIAOHU_PORT": port})


def test_every_setting_that_is_read_stands_in_the_table():
    source = Path(__file__).parents[2].joinpath("features", "settings.py").read_text(encoding="utf-8")
    read = {part.split('"')[0] for part in source.split('env.get("')[1:]}

    assert read == {name for name, *_ in SETTINGS}


@pytest.mark.parametrize("hours", ["0", "25", "four", ""])
def test_the_hours_of_an_emergency_are_a_number_within_a_day(hours):
    with pytest.raises(SettingsError, match="MIAOHU_EMERGENCY_HOURS must be a number from 1 to 24"):
        Settings.read({"MIAOHU_EMERGENCY_HOURS": hours})


def test_secure_cookies_are_a_yes_or_a_no():
    assert Settings.read({"MIAOHU_SECURE_COOKIES": "yes"}).secure_cookies
    with pytest.raises(SettingsError, match="must be yes or no"):
        Settings.read({"MIAOHU_SECURE_COOKIES": "maybe"})


ISSUER = "https://sign-in.example/realm"


@pytest.mark.parametrize(
    "issuer", ["http://sign-in.example", "ftp://x", "https://", "https://a.example/?x=1", "rubbish"]
)
def test_a_provider_without_tls_is_taken_on_this_machine_only(issuer):
    with pytest.raises(SettingsError, match="MIAOHU_OIDC_ISSUER"):
        Settings.read({"MIAOHU_OIDC_ISSUER": issuer, "MIAOHU_OIDC_CLIENT_ID": "us"})
    for local in ("http://127.0.0.1:9/x", "http://localhost:9", "http://[::1]:9"):
        assert Settings.read({"MIAOHU_OIDC_ISSUER": local, "MIAOHU_OIDC_CLIENT_ID": "us"}).oidc is not None


def test_settings_of_a_provider_that_do_not_go_together_are_refused_in_a_sentence():
    with pytest.raises(SettingsError, match="MIAOHU_OIDC_CLIENT_ID must be set too"):
        Settings.read({"MIAOHU_OIDC_ISSUER": ISSUER})
    with pytest.raises(SettingsError, match="MIAOHU_OIDC_ISSUER must be set"):
        Settings.read({"MIAOHU_PASSWORD_SIGN_IN": "no"})
    with pytest.raises(SettingsError, match="must be yes or no"):
        Settings.read({"MIAOHU_PASSWORD_SIGN_IN": "never"})
    for wanted in ("mfa", "amr=", "email=x"):
        with pytest.raises(SettingsError, match="must be like amr=mfa"):
            Settings.read(
                {"MIAOHU_OIDC_ISSUER": ISSUER, "MIAOHU_OIDC_CLIENT_ID": "us", "MIAOHU_OIDC_REQUIRE": wanted}
            )


def test_pages_are_reached_where_the_service_listens_unless_it_says_otherwise():
    assert Settings.read({"MIAOHU_PORT": "8080"}).public_url == "http://127.0.0.1:8080"
    assert Settings.read({"MIAOHU_PUBLIC_URL": "https://a.example/"}).public_url == "https://a.example"
    with pytest.raises(SettingsError, match="MIAOHU_PUBLIC_URL must begin with"):
        Settings.read({"MIAOHU_PUBLIC_URL": "a.example"})
    with pytest.raises(SettingsError, match="MIAOHU_HOST must be an address"):
        Settings.read({"MIAOHU_HOST": ""})


@pytest.mark.parametrize("number", ["0", "65", "many", "-1"])
def test_answering_processes_are_counted_from_one_to_sixty_four(number):
    assert Settings.read({}).processes == 1
    assert Settings.read({"MIAOHU_PROCESSES": "2"}).processes == 2
    with pytest.raises(SettingsError, match="MIAOHU_PROCESSES must be a number from 1 to 64"):
        Settings.read({"MIAOHU_PROCESSES": number})
