"""The wheel, in a bare virtual environment and far from the checkout, carries all that it needs."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.services.processes import end, free_port, start

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", *options, str(ROOT)]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """The console script of the wheel; libraries, and nothing of the checkout, are lent to it."""
    bare = tmp_path_factory.mktemp("bare")
    venv.create(bare, with_pip=False)
    folder = Path(sysconfig.get_path("purelib", "venv", {"base": bare, "platbase": bare}))
    # A folder named by a .pth file lends its packages, but its own .pth files are not followed.
    (folder / "lent.pth").write_text(sysconfig.get_path("purelib"))
    install = ["--python", str(bare / "bin" / "python"), "install", "--no-deps", "--no-index"]
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *install, str(wheel)], check=True)
    return bare / "bin" / "secure-mail"


def test_the_wheel_carries_rules_templates_and_style_sheets(wheel):
    names = ZipFile(wheel).namelist()
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    expected = {f"secure_mail/_data/{path.relative_to(ROOT)}" for path in templates}
    expected |= {"secure_mail/_data/routing_rules.yaml", "secure_mail/static/build/manifest.json"}
    assert expected <= set(names)


def test_the_wheel_carries_no_test_and_no_secret(wheel):
    names = ZipFile(wheel).namelist()
    assert not [name for name in names if re.search(r"tests?/|\.key$|\.env$|/var/", name)]


def test_the_reference_rules_pass_their_own_tests(program, tmp_path):
    for command in ("check", "test"):
        done = subprocess.run(
            [program, "rules", command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_demo_serves_its_pages(program, tmp_path):
    ready = tmp_path / "ready.json"
    binds = {f"SECURE_MAIL_{door}_BIND": f"127.0.0.1:{free_port()}" for door in ("HTTP", "SMTP")}
    log = tmp_path / "demo.log"
    environment = {**binds, "SECURE_MAIL_DATA_DIR": str(tmp_path / "demo")}
    demo = start([program, "demo", "--ready-file", ready], log, environment=environment)
    try:
        deadline = time.monotonic() + 90
        while not ready.exists():
            assert demo.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)
        address = json.loads(ready.read_text())["http"]
        for language in ("en", "fi", "sv"):
            with urllib.request.urlopen(f"{address}/{language}/") as answer:
                page = answer.read().decode()
            sheet = re.search(r'href="(/static/[^"]+\.css)"', page)
            assert sheet, "the page names no style sheet"
            with urllib.request.urlopen(address + sheet[1]) as answer:
                assert b".govuk-button" in answer.read()
    finally:
        end(demo.pid, signal.SIGINT)
    assert str(ROOT) not in log.read_text(), "the wheel reached into the checkout"
