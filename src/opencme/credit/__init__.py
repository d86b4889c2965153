"""May it be claimed? Eligibility, claims, certificates and the transcript.

A learner *claims* credit and attests to it; the provider certifies it. A
certificate can be corrected or revoked; its history stays.
"""
