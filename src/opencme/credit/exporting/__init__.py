"""Everything that is kept about a learner, for the learner: one archive of plain files."""

from .archive import data_archive

__all__ = ["data_archive"]
