"""Puts the templates, the profiles and the compiled templates into the wheel.

A checkout and an editable install read the folders at the top of the project, and compile into the user's cache; so
nothing is copied for them, and what is edited is seen at once.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = ("templates", "fhir_profiles")
COMPILE = "import pathlib, sys; from ci_notes import library; library.compile_own(pathlib.Path(sys.argv[1]))"


class CarryTemplates(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        included: dict[str, str] = build_data["force_include"]
        for name in CARRIED:
            included[str(Path(self.root, name))] = f"ci_notes/_data/{name}"
        for path in self.compiled():
            included[str(path)] = f"ci_notes/_data/compiled/{path.name}"

    def compiled(self) -> list[Path]:
        """Compile with the source at hand, in a process of its own, so that no installed ci_notes takes its place."""
        self.workshop = TemporaryDirectory(prefix="ci-notes-")
        path = os.pathsep.join(filter(None, [self.root, os.environ.get("PYTHONPATH")]))
        # A fixed hash seed gives sets one order: the same source makes the same bytes.
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([sys.executable, "-c", COMPILE, self.workshop.name], env=environment, check=True)  # noqa: S603  our own code
        return sorted(Path(self.workshop.name).iterdir())

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self.workshop.cleanup()
