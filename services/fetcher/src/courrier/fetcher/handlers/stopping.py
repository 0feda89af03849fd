"""Stop when asked, also when a library kept the request to itself.

``asyncio.wait_for`` of Python 3.11, which nats-py waits with, returns a result that arrives in the
moment of a cancellation and forgets the cancellation. The task still knows that it was asked.
"""

import asyncio


def stop_if_asked() -> None:
    """Raise the cancellation that this task was given and has not seen; call it in loops.

    Raises:
        asyncio.CancelledError: the task was asked to stop.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
