"""Accounts of learners and staff: the user, the qualifications (degree, profession, licence,
country), the confirmation of addresses by code, and the merging of accounts.
"""
