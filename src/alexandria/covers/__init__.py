"""Covers: found where somebody has one, fetched safely, stored small, served fast. The only writer of schema `covers`.

The way of one cover: `find` lists candidates in the order of their sources, `seek` fetches one after the other through
the guard (`net.ssrf`), a decoder (`pool`, `decoder`, `image`) makes three pictures of it, `choose` says whether they
are better than what is there, `store` writes the row and `keys` names the objects. `pipeline` does that for jobs,
`backlog` finds editions that still lack one, `check` compares rows and objects, `shelf` reads for serving.
"""
