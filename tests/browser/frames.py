"""What a camera sees of our codes, spoiled as counters spoil it (tests/tools/hard_frames.py): the small count of each run. The
large one, of which docs/desk.md has the figures, is `tests/tools/live.sh BINARY FOLDER VENV frames`."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import hard_frames

EACH = 3


def spoiled_frames(stage):
    """3 screens and simulated prints of our codes, blurred, turned, tilted, folded, in bad light: read by zbar and by the service"""
    readers = {name: hard_frames.READERS[name] for name in ("zbar", "/desk/decode")}
    frames, counted = hard_frames.count(stage, stage.out / "frames", EACH, 1, readers)
    least = {"zbar": 24, "/desk/decode": 31}
    for reader, (right, wrong, took) in counted.items():
        total = sum(right.values())
        print(f"     {reader}: {total} of {frames} frames, {took:.0f} ms each")
        assert wrong == 0, f"{reader} read {wrong} frames as something else"
        assert total >= least[reader], (reader, right)


STORIES = [spoiled_frames]
