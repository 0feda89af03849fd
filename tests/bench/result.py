"""What a benchmark prints: one shape for all, the ratio to the limit first among the figures."""

import json
import resource
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """``value`` and ``limit`` share ``unit``; ``ratio``: our speed by the limit's (1.0 equals)."""

    bench: str
    n: int
    value: float
    unit: str
    limit: float
    ratio: float
    cpu_s: float
    detail: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the one JSON line of ``--json``."""
        return json.dumps(
            {
                "bench": self.bench,
                "n": self.n,
                "value": round(self.value, 1),
                "unit": self.unit,
                "limit": round(self.limit, 1),
                "ratio": round(self.ratio, 3),
                "cpu_s": round(self.cpu_s, 2),
                "rss_mb": rss_mb(),
                "detail": self.detail,
            }
        )

    def as_text(self) -> str:
        """Return lines for people."""
        head = f"{self.bench}: {self.value:,.0f} {self.unit}, limit {self.limit:,.0f}"
        lines = [f"{head}, ratio {self.ratio:.2f} (n={self.n}, cpu {self.cpu_s:.1f} s)"]
        return "\n".join(lines + [f"  {name}: {value}" for name, value in self.detail.items()])


def rss_mb() -> float:
    """Return the largest resident size of this process so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def cpu_s() -> float:
    """Return the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
