"""tests/count.py over a project of programs that end in every way there is."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

PROGRAMS = {  # name: what it does, its protocol
    "passes": ("exit 0", "exitcode"),
    "fails": ("exit 1", "exitcode"),
    "skipped": ("exit 77", "exitcode"),
    "tap": ("echo 1..2; echo ok 1; echo ok 2 '# skip: nothing to do'", "tap"),
    "tap with a failure": ("echo 1..2; echo ok 1; echo not ok 2; exit 1", "tap"),
    "tap that leaks at exit": ("echo 1..2; echo ok 1; echo ok 2; exit 23", "tap"),
    "tap that dies": ("echo 1..2; echo ok 1; kill -KILL $$", "tap"),
    "tap that hangs": ("echo 1..2; echo ok 1; exec sleep 60", "tap"),
}
EXPECTED = {  # in the line of those that failed
    "fails",
    "tap with a failure: 2",
    "tap that leaks at exit: the program as a whole, ERROR 23",
    "tap that dies: the program as a whole",
    "tap that hangs: the program as a whole, TIMEOUT",
}

count = pathlib.Path(__file__).with_name("count.py")
with tempfile.TemporaryDirectory() as folder:
    source, build = pathlib.Path(folder, "source"), pathlib.Path(folder, "build")
    source.mkdir()
    lines = ["project('sample')", "sh = find_program('sh')"]
    for name, (script, protocol) in PROGRAMS.items():
        quoted = script.replace("'", "\\'")
        lines.append(f"test('{name}', sh, args: ['-c', '{quoted}'], protocol: '{protocol}', timeout: 2)")
    (source / "meson.build").write_text("\n".join(lines) + "\n")
    meson = shlex.split(os.environ.get("MESON", "meson"))
    subprocess.run([*meson, "setup", build, source], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*meson, "test", "-C", build], stdout=subprocess.DEVNULL)
    told = subprocess.run([sys.executable, count, build], capture_output=True, text=True)

print(told.stdout, told.stderr)
failed = [line for line in told.stdout.splitlines() if line.startswith("failed ")]
assert len(failed) == len(EXPECTED), "another number of failures"
for name in EXPECTED:
    assert sum(name in line for line in failed) == 1, name
assert told.stdout.splitlines()[-1] == f"7 passed, {len(EXPECTED)} failed, 2 skipped"
assert told.returncode == 1
