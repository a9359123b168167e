"""A connection to a server that can be made to fail: requests are answered with 503, or cut off."""

import contextlib
import socket
import threading
import time

UNAVAILABLE = (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class FailingLine:
    """Passes bytes between a port of this machine and another."""

    def __init__(self, port, target):
        self.target = target
        self.failing_until = 0.0
        self.refused = 0
        self.cut = 0
        self.open = set()
        self.server = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def fail_for(self, seconds):
        """Cuts what is open, and serves nobody for a while."""
        self.failing_until = time.monotonic() + seconds
        for connection in list(self.open):
            self.cut += 1
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.server.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            if time.monotonic() < self.failing_until:
                self._fail(client)
                return
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                self.open.add(client)
                there = threading.Thread(target=self._pass, args=(client, server), daemon=True)
                there.start()
                self._pass(server, client)
                there.join()
                self.open.discard(client)

    def _fail(self, client):
        """Every other request is read and refused; the rest is cut off in the midst."""
        with contextlib.suppress(OSError):
            client.recv(1 << 16)
            if (self.refused + self.cut) % 2:
                self.cut += 1
            else:
                self.refused += 1
                client.sendall(UNAVAILABLE)

    @staticmethod
    def _pass(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
