"""Media files under their hash, captions, delivery in ranges, and the arithmetic of intervals."""
