"""The tests of this folder import `planting` by name, as those above import `notes`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "fhir"))  # notes of any content come from its tests
