"""The web form and the record in a browser: a shell like the terminal, over the same functions.

`create_app` in `app` makes an ASGI application, which `ci-notes serve` runs and which another application may mount.
"""
