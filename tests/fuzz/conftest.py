"""The search guided by coverage needs atheris, which has wheels for Linux on x86-64 only."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("atheris") else ["test_guided.py"]
