"""The queue for case systems: alerts, cases and conclusions over HTTP, under the same rules as the pages."""

ROOT = "/api/v1"


def is_below(path: str) -> bool:
    """Whether this address is the interface's."""
    return path == ROOT or path.startswith(f"{ROOT}/")
