"""Who stands behind an activity: providers, accreditors and their wordings.

An *accreditation* is the standing an *accreditor* gave a *provider*; a *credit
type* is what may be designated under it. Wordings are dated data in
`statements/`. A Person is someone in control of content, as one provider
knows them.
"""
