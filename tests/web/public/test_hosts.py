"""Names that the installation does not answer to."""


def test_a_strange_host_name_is_refused_and_is_no_event(client, caplog):
    """Scanners ask by any name all day; a trace for each would bury what matters."""
    answer = client.get("/privacy/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
    assert [record for record in caplog.records if "evil.example" in record.getMessage()] == []
