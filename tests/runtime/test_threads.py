"""Blocking work: none keeps another waiting, none keeps the program from ending."""

import asyncio
import sys

import pytest

from osmose_addon.runtime.threads import in_thread

_HANGING = """
import asyncio, time
from osmose_addon.runtime.threads import in_thread

async def main():
    for _ in range(20):
        asyncio.ensure_future(in_thread(time.sleep, 600))
    print(await in_thread(lambda: "others go on"), flush=True)

asyncio.run(main())
"""


async def test_a_result_and_an_error_reach_the_one_who_waits():
    """As if it had been called right there."""
    assert await in_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 7, 0)


async def test_shares_that_hang_stop_neither_other_work_nor_the_end():
    """Twenty calls that never return, and the program still ends at once."""
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", _HANGING, stdout=asyncio.subprocess.PIPE)
    said, _ = await program.communicate()
    assert (said, program.returncode) == (b"others go on\n", 0)
