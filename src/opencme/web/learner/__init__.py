"""The pages of learners and of the public."""
