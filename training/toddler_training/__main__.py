"""`python -m toddler_training`: the same as `toddler-robot train`."""

import sys

from toddler_training.command import main

if __name__ == "__main__":
    sys.exit(main())
