"""Say that a port is taken before the site is built for it: ``python -m sitetools.port 127.0.0.1 8000``."""

from __future__ import annotations

import socket
import sys


def trouble(host: str, port: str) -> str | None:
    """What keeps a server from listening there, or None."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT must be a number from 1 to 65535, got {port!r}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as MkDocs's own server does
            server.bind(address)
    except OSError as error:
        return f"cannot serve on {host}:{port}: {error.strerror}; choose another port, as in: make serve PORT=8001"
    return None


if __name__ == "__main__":
    sys.exit(trouble(*sys.argv[1:]))
