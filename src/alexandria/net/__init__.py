"""Everything that leaves this machine: the only importer of httpx2 (beside client/).

`client` asks providers: retry → breaker → gate → identity → wire, so that nothing leaves uncounted. `fetch` gets large
files, and `retry` has patience with the hosts that they are on. Who we are (`identity`) is the same on every request.
"""
