"""What every app stands on and no app owns: audit chains, public ids, verdicts, cleaned Markdown,
the mail outbox and append-only tables. `core` knows no word of continuing education.
"""
