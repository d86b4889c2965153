"""Every command: its name, the module beside this file that holds it, one line of help.

A module holds one click command called `command`. To add one, write the file
and its line here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One command; `needs_django` says whether apps are loaded before its module is imported."""

    module: str
    summary: str
    needs_django: bool = True


COMMANDS = {
    "serve": Entry("serve", "Serve the installation.", needs_django=False),
    "worker": Entry("worker", "Do the work beside the pages, on PostgreSQL.", needs_django=False),
    "jobs": Entry("jobs", "Show the work beside the pages; try again what failed."),
    "demo": Entry("demo", "Serve a demonstration with content of its own.", needs_django=False),
    "doctor": Entry("doctor", "Say what is wrong, and how to mend it.", needs_django=False),
    "migrate": Entry("migrate", "Bring the database up to date."),
    "check": Entry("check", "Say what stands against a package, by file and line."),
    "import": Entry("import_package", "Take a package in as a draft, or publish it."),
    "export": Entry("export_package", "Write an activity or a series as a package."),
    "withdraw": Entry("withdraw", "Withdraw an activity."),
    "set-successor": Entry("set_successor", "Name the activity that takes another one's place."),
    "correct-certificate": Entry("correct_certificate", "Issue a certificate again under the right name."),
    "revoke-certificate": Entry("revoke_certificate", "Withdraw a certificate."),
    "check-signature": Entry("check_signature", "Say whether a PDF is a certificate as it was signed here."),
    "rotate-signing-key": Entry("rotate_signing_key", "Sign certificates by another key from now on."),
    "grant-attempt": Entry("grant_attempt", "Grant one more attempt at a post-test."),
    "account-data": Entry("account_data", "Write everything kept about somebody into one file."),
    "close-account": Entry("close_account", "Close the account of somebody who asked for it."),
    "retention": Entry("retention", "Show how long records are kept, and what is due to go."),
    "create-operator": Entry("create_operator", "Make the account of an operator."),
    "backup": Entry("backup", "Copy everything while the installation serves."),
    "restore": Entry("restore", "Put a backup in the place of the installation."),
    "upgrade": Entry("upgrade", "Bring the database up to this version, with a way back."),
    "move-to-postgres": Entry("move_to_postgres", "Move from SQLite to PostgreSQL, and compare."),
    "audit": Entry("audit", "Verify the audit chains."),
    "rules": Entry("rules", "Write the rules as a page, with their sources.", needs_django=False),
}
