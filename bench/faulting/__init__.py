"""What `bench/faults.py` and `tests/faults` are made of: learners who keep a log, a server that is harmed, a
comparison of what was acknowledged with what is there."""
