import logging

import pytest

from opencme.core.jobs.outages import Outages


@pytest.mark.django_db
def test_an_outage_is_said_once_and_its_end_once(caplog):
    outages = Outages("take jobs")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with outages.expected():
                raise OSError("no route to host")
        for _ in range(3):
            with outages.expected():
                pass
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "The worker cannot take jobs for now, and tries again until it can",
        "The worker can take jobs again",
    ]
