"""Who somebody is: the User, the qualifications they hold, what they agreed to.

A *qualification* is a degree, a profession, a licence and the country it is
valid in. An *identity level* says how we know: address confirmed, single
sign-on, licence matched.
"""
