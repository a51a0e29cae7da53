"""What only a score needs is loaded after the service is ready: what if it cannot be?"""

import logging

from serving.bootstrap import open_served
from serving.warming import warm_up_soon
from tests.support_serving import copy_home, settings_at


def test_records_that_cannot_be_read_are_told_in_the_log_and_end_nothing_else(tmp_path, caplog):
    settings = settings_at(copy_home(tmp_path / "home"))
    (settings.lake / "records" / "residence.parquet").write_bytes(b"no table")
    served = open_served(settings)
    try:
        with caplog.at_level(logging.ERROR, "miaohu.serving"):
            warm_up_soon(served.endpoint, keep=False).join()
        assert [record.getMessage() for record in caplog.records] == [
            "A score cannot be got ready: ArrowInvalid"
        ]
        assert "residence" not in caplog.text
    finally:
        served.close()


def test_a_service_that_ends_at_once_does_not_warm_up(tmp_path, caplog):
    settings = settings_at(copy_home(tmp_path / "home"))
    (settings.lake / "records" / "residence.parquet").write_bytes(b"no table")
    served = open_served(settings)
    soon = warm_up_soon(served.endpoint, keep=False)
    soon.cancel()
    soon.join()
    served.close()
    assert not caplog.records
