"""An app with jobs that tests can watch, in this process and in others."""
