"""One person in one activity: participation, attempts and content evidence.

The *gate* is the pure rule that says which step is open and why another is
locked.
"""
