"""Parts of the Windows version that can be tested on any platform."""

import ctypes

import pytest

from desktop.host.processes_windows import ExtendedLimits


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the layout of 64 bits")
def test_the_limits_of_a_job_have_the_layout_that_windows_reads() -> None:
    assert ctypes.sizeof(ExtendedLimits) == 144
    assert ExtendedLimits.IoInfo.offset == 64
    limits = ExtendedLimits()
    limits.BasicLimitInformation.LimitFlags = 0x2000
    assert bytes(limits)[16:20] == (0x2000).to_bytes(4, "little")
