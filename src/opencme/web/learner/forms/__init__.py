"""The forms of learners and of the public, one module for each subject."""
