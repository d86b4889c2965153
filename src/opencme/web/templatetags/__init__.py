"""Template tags: the components of the interface and the way figures and dates are written."""
