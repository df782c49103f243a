"""Pages for people: how the service fares, and what operators do about it.

`site` is the application that the API mounts; `page` makes answers of templates, `render` the text of them; `assets`
are the style and the script; `session` says who is logged in and `forms` what was posted.
"""
