"""Everything that leaves this machine: the only importer of httpx2 (beside client/).

`fetch` gets large files and what is said about them: who we are on every request, redirects to expected hosts only,
time-outs. `retry` has patience with hosts that are busy.
"""
