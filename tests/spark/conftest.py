"""A Spark on this machine with two worker processes, which listens on no address that others can reach."""
# ruff: noqa: PLC0415  the extra may be missing

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ci_notes import library

ROOT = Path(__file__).parents[2]


def missing(sentence: str) -> NoReturn:
    """Skip the test, or fail it in CI, with how to get what is missing."""
    if "CI" in os.environ:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def java() -> None:
    """Skip without a Java that Spark runs on."""
    home = os.environ.get("JAVA_HOME", "")
    program = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr if program else ""
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < 17:
        missing("Java 17 or later is missing: install a JDK (package default-jdk-headless of Debian), or set JAVA_HOME")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    java()
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        missing("PySpark is missing: pip install 'ci-notes[spark]'")
    for name in library.catalogue():  # the workers find them compiled
        library.load_template(name)
    # The workers find the project where it is, installed or not.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    session = (
        SparkSession.builder.master("local[2]")
        .appName("ci-notes tests")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.files.maxPartitionBytes", "100000")  # so that a file is read in several pieces
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
