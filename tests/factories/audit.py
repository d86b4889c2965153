"""What the walk over all audit chains finds in one of them."""

from opencme.core.keeping.audit import verify_audit


def broken_places(stream):
    """Where the chain of this stream does not hold; empty when it does."""
    places = verify_audit().broken
    return tuple(place for place in places if (place.kind, place.uuid) == (stream.audit_kind, stream.uuid))
