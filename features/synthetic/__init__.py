"""The simulated county: deliveries that satisfy `features.sources`, from a risk we chose and know.

    preset      every number, with where it comes from
    timeline    months and delivery days            names      made-up names, numbers, places
    people      households and children             life       what happens to them
    latents     how severe it is                    facts      what becomes a dated fact
    *_records   what each department sees and writes down
    exports, dirt, deliveries   how it reaches us   truth      the truth, kept apart

Synthetic data prove software, not validity. Nothing outside this package may know that a delivery
is simulated: real deliveries come through the same door.
"""

from features.synthetic.county import CountyError, CountySummary, write_county
from features.synthetic.preset import PRESETS, Preset
from features.synthetic.timeline import latest_round_end

__all__ = ["PRESETS", "CountyError", "CountySummary", "Preset", "latest_round_end", "write_county"]
