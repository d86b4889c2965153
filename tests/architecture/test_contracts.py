from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_nobody_imports_what_they_may_not(monkeypatch, pytestconfig):
    monkeypatch.chdir(pytestconfig.rootpath)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS
