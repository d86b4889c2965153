"""Items, forms and their scoring; it knows no person.

An *item* has a stem, options, a key and a rationale. A *form* is an ordered
set of items. An AnonymousResponse is an evaluation that names nobody.
"""
