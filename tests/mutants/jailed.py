# SPDX-License-Identifier: MIT
"""jailed - runs a suite of a program that may do anything, and tells the first test that fails."""
import ctypes
import os
import re
import resource
import signal
import select
import subprocess
import sys
import time

IDLE_S = 20  # nothing has run for so long: it hangs. The longest wait in a suite is half of that.
CPU_S = 10   # for each process. No test of the runtime's suites takes 2.

# Check's own limits are of wall time: they are put out of the way.
ENVIRONMENT = {"CK_FORK": "yes", "CK_VERBOSITY": "silent", "CK_TAP_LOG_FILE_NAME": "-",
               "CK_DEFAULT_TIMEOUT": "3600", "CK_TIMEOUT_MULTIPLIER": "60",
               "MALLOC_PERTURB_": "254", "EDO_SMALL": "1", "EDO_DEMO": "build/demo"}


def find_jail():
    """What contains a program that kills all processes or never stops forking: a pid namespace."""
    for more in [], ["--user", "--map-current-user"]:
        command = ["unshare", *more, "--pid", "--fork", "--kill-child", "--mount-proc"]
        if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            return command
    sys.exit("mutants: unshare can't make a pid namespace here; without one nothing is safe")


def limit():
    """In the process that is to become the jail. It does not outlive who waits for it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def activity(pid):
    """Of the processes from `pid` on: does one run, and the CPU time of all."""
    runs, ticks, left = False, 0, [str(pid)]
    while left:
        folder = "/proc/" + left.pop()
        try:
            fields = open(folder + "/stat").read().rpartition(")")[2].split()
            left += open(folder + "/task/%s/children" % folder[6:]).read().split()
        except OSError:
            continue
        runs, ticks = runs or fields[0] == "R", ticks + int(fields[11]) + int(fields[12])
    return runs, ticks


def failure_of(run):
    """The name of a test, or None."""
    seen, ticks, idle_since = b"", -1, time.monotonic()
    while True:
        if select.select([run.stdout], [], [], 0.5)[0]:
            new = os.read(run.stdout.fileno(), 65536)
            seen += new
            failed = re.search(rb"^not ok \d+ - (?:[^:\n]*:){2}([^:\n]*)[^\n]*\n", seen, re.M)
            if failed:
                return failed.group(1).decode()
            if not new:
                return None if run.wait() == 0 else "(its end)"
        runs, now = activity(run.pid)
        if runs or now != ticks:
            ticks, idle_since = now, time.monotonic()
        elif time.monotonic() - idle_since > IDLE_S:
            return "(it hangs)"


def first_failure(command, folder, suite):
    """Of that suite: the name of a test, or None."""
    run = subprocess.Popen(command, cwd=folder, preexec_fn=limit, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           env={**os.environ, **ENVIRONMENT, "CK_RUN_SUITE": suite})
    try:
        return failure_of(run)
    finally:
        run.kill()  # and with it all that is in its namespace
        run.wait()
        run.stdout.close()
