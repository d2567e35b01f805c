"""`python -m chatmpi` is the command `chatmpi`."""

from chatmpi.cli import main

if __name__ == "__main__":
    main()
