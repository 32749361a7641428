"""The tests of this folder import `mutating` by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
