"""What the tests with software of others share: they are all marked `interop`, and find their modules by name."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "fhir"))
sys.path.insert(0, str(HERE.parent / "results"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.interop)


@pytest.fixture(scope="session", autouse=True)
def _validators_end() -> Iterator[None]:
    yield
    if "judging" in sys.modules:
        sys.modules["judging"].STARTED.close()
