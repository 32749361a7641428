"""`python -m ci_notes`: the same as `ci-notes`, where the folder of installed commands is on nobody's path."""

from ci_notes.cli import main

main()
