"""Why something that a validator says is left as it is: reasons.yaml, and which of its reasons covers an issue."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from judging import Issue


@dataclass(frozen=True)
class Reason:
    """What a validator says, by its own name for it and by its words, and why we leave it."""

    validator: str
    id: str
    why: str
    text: str = ""

    def covers(self, validator: str, issue: Issue) -> bool:
        alike = (self.validator, self.id) == (validator, issue.id)
        return alike and issue.warned and bool(re.search(self.text, issue.text))


def read() -> list[Reason]:
    """Return the reasons in the order of the file."""
    written = yaml.safe_load((Path(__file__).parent / "reasons.yaml").read_text(encoding="utf-8"))
    return [Reason(**reason) for reason in written]
