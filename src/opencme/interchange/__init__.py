"""Activities as files: what goes out comes in again unchanged.

This app owns the *package* (a folder that holds one activity or one series), reading and checking
it, the *import* that makes a draft of it, the *export* that writes it, and the *problem*: what is
wrong with a package as a file, before any rule of accreditation is asked.
"""
