"""Lets the tests of the form import what they share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
