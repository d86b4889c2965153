"""What a learner claims and a provider certifies: eligibility, credit claim, certificate,
transcript, correction, revocation and verification.
"""
