"""`python -m streamlens` is the command `streamlens`."""

from streamlens.cli import main

if __name__ == "__main__":  # worker processes import this file too
    main()
