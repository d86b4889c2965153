"""The demonstration: activity packages as files, loaded only through interchange."""
