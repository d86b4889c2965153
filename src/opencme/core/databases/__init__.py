"""The two databases: writers in order, errors by name, one server for one file, lost connections mended."""
