"""``courrier up --json`` with stand-ins for the four services and nothing to migrate.

Run as a script by the tests: ``stand_in_system.py PORT DATA_DIR [demo]``.
"""

import sys
from pathlib import Path

from courrier.events.jetstream.permissions import SERVICES
from courrier.local.refusal import Refused
from courrier.local.system import Options, run
from courrier.local.view import JsonView

STAND_IN = (sys.executable, "-I", "-S", str(Path(__file__).with_name("stand_in_service.py")))

if __name__ == "__main__":
    options = Options(
        port=int(sys.argv[1]),
        data_dir=Path(sys.argv[2]),
        demo="demo" in sys.argv,
        commands=dict.fromkeys(SERVICES, STAND_IN),
        steps={},
    )
    try:
        run(options, JsonView())
    except Refused as error:
        sys.exit(str(error))
