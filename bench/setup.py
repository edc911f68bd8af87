"""A clean clone under an empty home and a bare environment: how long until the first word is answered."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from bench.vigie_process import ROOT


def figures(short: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="vigie-clone-") as folder:
        clone = Path(folder) / "vigie"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        empty = Path(folder) / "home"
        empty.mkdir()
        env = {"HOME": str(empty), "PATH": "/usr/bin:/bin", "VIGIE_HOME": str(empty / "vigie")}
        # package settings are the machine's, not part of a home that is empty for this measurement
        settings = Path(os.path.expanduser("~/.config/pip/pip.conf"))  # noqa: PTH111
        if settings.exists():
            (empty / ".config" / "pip").mkdir(parents=True)
            shutil.copy(settings, empty / ".config" / "pip" / "pip.conf")
        started = time.monotonic()
        subprocess.run([str(clone / "run"), "demo", "--scenario", "list"], env=env, check=True, stdout=subprocess.DEVNULL)
        cold = time.monotonic() - started
        started = time.monotonic()
        subprocess.run([str(clone / "run"), "demo", "--scenario", "list"], env=env, check=True, stdout=subprocess.DEVNULL)
        warm = time.monotonic() - started
    return [Figure("cold set-up, console included", round(cold, 1), "s", "at most", 180, f"the same word again: {warm:.1f} s")]
