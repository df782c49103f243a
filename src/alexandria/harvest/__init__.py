"""Collecting what nobody asked for yet: bibliographies of authors tier by tier, and new releases by month.

`plan` and `people` think (pure): tiers, months, prices, what a page means for its step. `campaign` starts, pauses,
resumes, cancels and tells; `tiers` ranks authors and makes the list of steps; `steps` does one step page by page;
`schedule` starts what is due. Editions are stored by whoever `steps` is given (enrichment.pages), never here.
"""
