"""Known vulnerabilities among everything that is locked; fails on one, and says why if nobody could be asked.

A database that knows next to nothing of what is locked is none: a mirror without advisories answers that it
never heard of a package, which must not pass for a clean bill.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCKS = ("requirements.lock", "requirements-spark.lock")
SECONDS = 300
# Of what is locked, at least so much must be known to who is asked.
KNOWN = 0.9


def judge(lock: str, code: int, said: str) -> tuple[int, list[str]]:
    """What an audit of one lock came to: 1 with the vulnerable packages, or 0 with what was found or why not."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, [f"{lock}: not audited, no database of vulnerabilities could be reached (exit {code})"]
    found = [
        f"{lock}: {one['name']} {one['version']}: {', '.join(vulnerability['id'] for vulnerability in one['vulns'])}"
        for one in packages
        if one.get("vulns")
    ]
    if found:
        return 1, found
    audited = sum("vulns" in one for one in packages)
    if audited < KNOWN * len(packages):
        return 0, [
            f"{lock}: not audited, the database that answered knows {audited} of {len(packages)} packages"
        ]
    return 0, [f"{lock}: {audited} packages, none with a known vulnerability"]


def audit(lock: Path) -> tuple[int, list[str]]:
    """Ask about one lock file; resolves and installs nothing."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off",
               "--timeout", "15", "--format", "json", "--requirement", str(lock)]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 0, [f"{lock.name}: not audited, no answer within {SECONDS} seconds"]
    return judge(lock.name, done.returncode, done.stdout)


def main() -> int:
    worst = 0
    for name in LOCKS:
        code, lines = audit(Path(name))
        worst = max(worst, code)
        print(*lines, sep="\n")
    return worst


if __name__ == "__main__":
    sys.exit(main())
