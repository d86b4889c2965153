import subprocess
import sys

LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def test_nobody_imports_what_they_may_not(pytestconfig):
    # In a process of its own: the linter sets up logging anew, which would silence the tests after it.
    linted = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=pytestconfig.rootpath,
        env={"PYTHONPATH": str(pytestconfig.rootpath / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout
