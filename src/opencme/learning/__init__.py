"""A learner in an activity: participation, attempts, content evidence, evaluation, and the gate
that opens one step after the other.
"""
