"""May it be published? Rules, findings and the readiness of an activity.

Each rule has a code, a severity and the source it rests on. A *finding* is a
rule that an activity does not meet yet, with the field that mends it.
"""
