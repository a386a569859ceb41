"""Is this the same person? Names in several scripts, births in three calendars, people, and lists of people. Pure functions: no vault, no screen.

Stable entry points: `name_keys`, `compare_names`, `compare_people`, and `panah match` on the command line.
"""

from panah.matching.compare import Comparison, Part, compare_people
from panah.matching.names import compare_names, name_keys

__all__ = ["Comparison", "Part", "compare_names", "compare_people", "name_keys"]
