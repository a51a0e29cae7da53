"""Fails unless every pure module, where a rule lives, is covered line by line and branch by branch.

Only the suites the Makefile calls RULES are measured: tests of rules as such, not of pages that pass by one.
"""

import json
import sys
from pathlib import Path

PURE = (
    "features/language/words.py",
    "features/language/forbidden.py",
    "features/language/columns.py",
    "features/language/forms.py",
    "features/language/examples.py",
    "features/language/feature.py",
    "features/language/facts.py",
    "features/form_text.py",
    "features/outcomes.py",
    "features/triggers.py",
    "features/reference.py",
    "features/jurisdiction.py",
    "features/statements.py",
    "features/guardianship.py",
    "models/policy.py",
    "models/rules.py",
    "training/splits.py",
    "serving/addresses.py",
    "serving/signing.py",
    "serving/review/case.py",
    "serving/review/case_forms.py",
    "serving/review/case_rules.py",
    "serving/review/access.py",
    "serving/review/answered.py",
    "serving/review/permissions.py",
    "serving/review/suggestion.py",
    "serving/review/working_days.py",
    "serving/review/reading.py",
    "serving/review/suppression.py",
    "serving/review/records.py",
    "serving/review/rhythm.py",
    "serving/review/channels.py",
    "serving/review/record_entries.py",
    "serving/review/export_templates.py",
    "serving/api/ageing.py",
)


def main(report: Path) -> int:
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    short = 0
    for name in PURE:
        summary = files[name]["summary"]
        if summary["missing_lines"] or summary.get("missing_branches"):
            short += 1
            print(
                f"{name}: lines {files[name]['missing_lines']}, branches {files[name].get('missing_branches')}"
            )
    print(f"pure modules covered to the last branch: {len(PURE) - short} of {len(PURE)}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
