"""`python -m opencme` is the command line."""

from opencme.cli import main

if __name__ == "__main__":
    main()
