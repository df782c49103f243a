"""The HTTP service: `app` assembles it, one module a resource, `problems` gives every error one shape."""
