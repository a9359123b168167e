"""A connection to a server that can be made to fail: requests are answered with 503, or cut off, or wait."""

import contextlib
import random
import socket
import threading
import time

UNAVAILABLE = (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class FailingLine:
    """Passes bytes between a port of this machine and another."""

    def __init__(self, port, target, wait=0.0, refuse=0.0, seed=0):
        """Each request waits so many seconds; this share of them is refused, always."""
        self.target = target
        self.wait = wait
        self.refuse = refuse
        self.random = random.Random(seed)
        self.requests = 0
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
                answered = threading.Event()  # what the client says then is a request
                answered.set()
                there = threading.Thread(target=self._ask, args=(client, server, answered), daemon=True)
                there.start()
                self._pass(server, client, answered.set)
                there.join()
                self.open.discard(client)

    def _ask(self, client, server, answered):
        def before():
            if answered.is_set():
                answered.clear()
                self.requests += 1
                time.sleep(self.wait)
                if self.random.random() < self.refuse:
                    self.refused += 1
                    client.sendall(UNAVAILABLE)
                    raise ConnectionError("refused")

        self._pass(client, server, before)

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
    def _pass(source, target, before):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                before()
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
