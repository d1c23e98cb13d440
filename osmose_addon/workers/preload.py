"""What the fork server loads once for all workers. Frozen, so that children share the memory and never copy it."""

import gc
import importlib

_WORKERS = ("osmose_addon.workers.camera", "osmose_addon.workers.transcode")
for _name in ("av", "av.filter", "numpy", "osmose_addon.runtime.child", *_WORKERS):
    importlib.import_module(_name)

gc.collect()
gc.freeze()
