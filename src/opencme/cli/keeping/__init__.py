"""Backing up and restoring an installation: its database, its media files, the name of its key."""
