"""Prove the Dockerfile without a container engine: its steps in a clean root, then its command on a read-only one.

As root on Linux, with debootstrap, unshare and chroot: `python -m scripts.container --work FOLDER`. A minimal Debian
with its own Python stands for the base image. pip takes its indexes from this machine's configuration.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import psutil

from scripts.dockerfile import Instruction, Stage, context_files, read_stages

ROOT = Path(__file__).parents[1]
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
TOOLS = ("debootstrap", "unshare", "chroot", "mount")
NAMES = (Path("/etc/resolv.conf"), Path("/etc/hosts"))
"""Files that an engine, too, mounts into every container."""
COMPILERS = "cc gcc g++ clang make ld"


class Image:
    """Build the stages of a Dockerfile into folders and run commands in the last one."""

    def __init__(self, work: Path, base: Path, arguments: dict[str, str]) -> None:
        self.work, self.base, self.arguments = work, base, arguments
        self.roots: dict[str, Path] = {}
        self.root = base
        self.variables: dict[str, str] = {}
        self.folder, self.user, self.volumes = "/", "0", []
        self.command: list[str] = []
        self.health: list[str] = []

    def build(self, stages: list[Stage]) -> None:
        """Execute every instruction, each stage in a copy of the base."""
        for k, stage in enumerate(stages):
            self.root = self.roots[stage.name or str(k)] = self.work / f"stage-{k}"
            shutil.rmtree(self.root, ignore_errors=True)
            subprocess.run(["cp", "--archive", "--reflink=auto", self.base, self.root], check=True)
            self.variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
            self.folder, self.user = "/", "0"
            for each in stage.instructions:
                print(f"{each.name} {each.text}", flush=True)
                self._execute(each)

    def _execute(self, each: Instruction) -> None:
        """Execute one instruction; those that change nothing are left out."""
        match each.name:
            case "ARG":
                name, _, default = each.text.partition("=")
                self.variables[name] = self.arguments.get(name, default.strip('"'))
            case "ENV":
                known = dict(self.variables)
                pairs = (word.partition("=") for word in shlex.split(each.text))
                self.variables |= {name: Template(value).substitute(known) for name, _, value in pairs}
            case "WORKDIR":
                self.folder = each.text
                (self.root / each.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = each.text
            case "VOLUME":
                self.volumes.append(each.text)
            case "RUN":
                self._run(each)
            case "COPY":
                self._copy(each)
            case "CMD":
                self.command = json.loads(each.text)
            case "HEALTHCHECK":
                self.health = json.loads(each.text.partition("CMD")[2])
            case "EXPOSE":
                pass
            case unknown:
                raise ValueError(f"the instruction {unknown} is not known here")

    def _run(self, each: Instruction) -> None:
        pip, bound = pip_settings()
        script = ["set -e", f"mount -t proc proc {self.root}/proc", f"mount --rbind /dev {self.root}/dev"]
        for path in (*bound, *NAMES):
            target = self.root / str(path).lstrip("/")
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch()
            script.append(f"mount --bind {path} {target}")
        subprocess.run(self._inside(["/bin/sh", "-c", each.text], script, pip), check=True)

    def _copy(self, each: Instruction) -> None:
        source, target = shlex.split(each.text)
        place = self.root / (Path(self.folder) / target).as_posix().lstrip("/")
        if "from" in each.flags:
            place.parent.mkdir(parents=True, exist_ok=True)
            start = self.roots[each.flags["from"]] / source.lstrip("/")
            subprocess.run(["cp", "--archive", "--reflink=auto", start, place], check=True)
            return
        for name in context_files(ROOT, source):
            file = place / name if source == "." else place / Path(name).name
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, file)

    def run(self, command: list[str], data: Path, **options: Any) -> subprocess.Popen[str]:
        """Start a command as the image's user without privileges: the root read-only, its volume and /tmp writable."""
        root = self.root
        script = ["set -e", f"mount --bind {root} {root}", f"mount -t proc proc {root}/proc"]
        script += [f"mount --rbind /dev {root}/dev", f"mount -t tmpfs tmpfs {root}/tmp"]
        script += [f"mount --bind {file} {root}{file}" for file in NAMES]
        script += [f"mount --bind {data} {root}{volume}" for volume in self.volumes]
        script += [f"mount -o remount,bind,ro {root}"]
        ids = [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        limited = ["/usr/bin/setpriv", *ids, "--no-new-privs", "--bounding-set=-all", "--", *command]
        return subprocess.Popen(self._inside(limited, script, {}), text=True, **options)

    def _inside(self, command: list[str], script: list[str], more: dict[str, str]) -> list[str]:
        variables = [f"{name}={value}" for name, value in (self.variables | more).items()]
        words = ["chroot", str(self.root), "/usr/bin/env", "-i", f"--chdir={self.folder}", *variables, *command]
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child=TERM"]
        return [*namespaces, "/bin/sh", "-c", "\n".join([*script, "exec " + shlex.join(words)])]


def pip_settings() -> tuple[dict[str, str], list[Path]]:
    """Return this machine's settings of pip as environment variables, and the local paths that they name."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    found = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        found["PIP_" + name.rpartition(".")[2].upper().replace("-", "_")] = value.strip("'")
    found = {name: value for name, value in found.items() if name != "PIP_DISABLE_PIP_VERSION_CHECK"}
    words = dict.fromkeys(word.removeprefix("file://") for value in found.values() for word in value.split())
    paths = [Path(word) for word in words if word.startswith("/") and Path(word).exists()]
    return found, [path.parent if path.name == "simple" else path for path in paths]  # whose files lie beside it


def clean_root(folder: Path) -> Path:
    """Return a minimal Debian with Python, made once, that stands for the base image."""
    if not (folder / "usr/local/bin/python").is_symlink():
        sources = Path("/etc/apt/sources.list.d/debian.sources")
        named = re.search(r"^URIs:\s*(\S+)", sources.read_text(), re.M) if sources.exists() else None
        mirror = [named[1]] if named else []
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(folder), *mirror]
        if not (folder / "usr/bin/python3").exists():
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (folder / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    return folder


def prove(image: Image, data: Path) -> list[str]:
    """Run the image as docker-compose.yml does and return what was found, one sentence each."""
    shutil.rmtree(data, ignore_errors=True)
    subprocess.run(["cp", "--archive", f"{image.root}{image.volumes[0]}", data], check=True)  # as a new volume begins
    said = []

    def ends(command: list[str], **options: Any) -> tuple[int, str]:
        process = image.run(command, data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        out = process.communicate(timeout=300)[0]
        return process.returncode, out

    def expect(holds: bool, sentence: str, detail: str = "") -> None:
        if not holds:
            raise SystemExit(f"not so: {sentence}\n{detail}")
        said.append(sentence)
        print(f"proved: {sentence}", flush=True)

    code, out = ends(["id", "-u"])
    expect(out.strip() == image.user != "0", f"it runs as user {image.user}", out)
    code, out = ends(["/bin/sh", "-c", f"for each in {COMPILERS}; do ! command -v $each || exit 1; done"])
    expect(code == 0, "it holds no compiler", out)
    places = "/app /opt/venv /etc / /usr/local /var/tmp"
    code, out = ends(["/bin/sh", "-c", f"for each in {places}; do ! touch $each/probe 2>/dev/null || exit 1; done"])
    expect(code == 0, f"it can write to none of {places}", out)
    tiny = ["train", "dimuon", "--method", "baseline", "--epochs", "1", "--json"]
    code, out = ends(["python", "-m", "core", *tiny])
    expect(code == 0, "it trains on a bundled sample from the command line", out)
    manifests = [json.loads(file.read_text()) for file in data.glob("runs/*/manifest.json")]
    commit = image.variables.get("INFOSCOPE_COMMIT") or None
    expect([each["commit"] for each in manifests] == [commit], f"the run's manifest names the commit {commit}")
    served(image, data, ends, expect)
    return said


def served(image: Image, data: Path, ends: Callable[..., tuple[int, str]], expect: Callable[..., None]) -> None:
    """Start the image's command and look at it from outside, through its health check and in a browser."""
    port = next(word.partition("=")[2] for word in image.command if word.startswith("--server.port="))
    with socket.socket() as probe:
        if not probe.connect_ex(("127.0.0.1", int(port))):
            raise SystemExit(f"port {port} of this machine is taken; end what listens there")
    log = data.with_name("server.log")
    with log.open("w") as file:
        server = image.run(image.command, data, stdout=file, stderr=subprocess.STDOUT)
        try:
            healthy = _answers(f"http://localhost:{port}/_stcore/health", server)
            expect(healthy, "/_stcore/health answers", log.read_text())
            code, out = ends(image.health)
            expect(code == 0, "the HEALTHCHECK passes", out)
            expect(_answers(f"http://localhost:{port}/", server), "the first page is served")
            seen = _seen_in_a_browser(f"http://localhost:{port}")
            if seen is None:
                print("not proved: the first page in a browser; none is installed")
            else:
                told = f"{seen}\n{log.read_text()}"
                expect(seen == "", "the first page and the System page are drawn in a browser", told)
            for process in psutil.Process(server.pid).children():  # unshare itself is deaf to SIGTERM
                process.terminate()
            expect(server.wait(timeout=30) is not None, "it ends when it is asked to (SIGTERM)")
        finally:
            for process in psutil.Process(server.pid).children() if server.poll() is None else ():
                process.kill()


def _answers(address: str, server: subprocess.Popen[str], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.2)
    return False


def _seen_in_a_browser(address: str) -> str | None:
    """Return what is wrong with two pages; None where no browser is installed."""
    from scripts.browser import installed_browser
    from scripts.server import opened_browser

    if installed_browser() is None:
        return None
    with opened_browser() as browser:
        page = browser.new_page(base_url=address)
        for path in ("/", "/system"):
            page.goto(path)
            page.get_by_role("heading", level=1).wait_for(timeout=90_000)
            page.wait_for_timeout(3000)
            if page.get_by_test_id("stException").count():
                return page.get_by_test_id("stException").first.inner_text()
    return ""


def main() -> None:
    """Build, run, and say what was proved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for the roots, about 8 GB")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() or missing:
        raise SystemExit(f"needs root and {', '.join(missing or TOOLS)}")
    options.work.mkdir(parents=True, exist_ok=True)
    arguments = dict(each.partition("=")[::2] for each in options.build_arg)
    image = Image(options.work, clean_root(options.work / "base"), arguments)
    stages = read_stages((ROOT / "Dockerfile").read_text())
    image.build(stages)
    said = prove(image, options.work / "data")
    print(f"\n{len(said)} statements proved. Not proved, as no engine ran: the base image itself, layers, their cache,")
    print("the limits that an engine sets, and that it runs the health check at its pace.")


if __name__ == "__main__":
    main()
