"""The tests of this folder import `planting` by name, as those above import `notes`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
