"""`python -m robot_runtime` is `toddler-robot`."""

import sys

from robot_runtime.cli import main

sys.exit(main())
