"""PostgreSQL with errors by name and connections whose health costs nothing to check; see `base`."""
