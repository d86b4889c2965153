"""SQLite with writers in order, a bounded log and errors by name; see `base`."""
