"""API keys: who may read, write and manage. The only writer of the schema `keys`.

`key` makes keys and says what a scope includes, `store` holds their statements, `ring` checks keys for the API.
"""
