"""Drives python-socketio's AsyncClient for the Go tests, as bridge.mjs does the JavaScript
clients: the same commands on stdin, the same signals on stdout, one JSON object a line.

Unlike those, this client does not try again when a first connection fails, refuses what is
emitted while there is no connection, and does not tell why a connection ended. The first
and the last are made up for here; what is refused is lost, and said so on stderr.
"""

import asyncio
import json
import os
import sys
from urllib.parse import urlencode

import engineio
import socketio

# A poll may bring as many packets as the server has, and not just sixteen.
engineio.payload.Payload.max_decode_packets = 1 << 20


def report(socket, kind, **fields):
    sys.stdout.write(json.dumps({"id": socket, "kind": kind, **fields}) + "\n")
    sys.stdout.flush()


class Client(socketio.AsyncClient):
    """One socket, which tells what it sees."""

    def __init__(self, number, url, options):
        super().__init__(
            reconnection=options["reconnection"],
            reconnection_delay=options["reconnectionDelay"] / 1000,
            reconnection_delay_max=options["reconnectionDelayMax"] / 1000,
            randomization_factor=0,
            request_timeout=30,
            handle_sigint=False,
        )
        self.number = number
        self.url = url
        if options.get("query"):
            self.url += "?" + urlencode(options["query"])
        self.options = options
        self.closed = False
        self.reason = "transport close"
        self.space = options.get("namespace", "/")
        self.hear("connect", self.heard_connect)
        self.hear("disconnect", lambda: self.report("disconnect", text=self.reason))
        self.hear("connect_error", lambda *why: self.report("connect_error", text=str(why)))
        self.hear("*", lambda event, *args: self.report("event", event=event, args=args))

    def hear(self, event, handler):
        self.on(event, handler, namespace=self.space)

    def report(self, kind, **fields):
        report(self.number, kind, **fields)

    def heard_connect(self):
        now = self.transport()
        # It upgrades before it says its first word, and tells nobody.
        if self.options["transports"][0] != now:
            self.report("upgrade", text=now)
        self.report("connect", text=now)

    async def open(self):
        while not self.closed:
            try:
                await self.connect(
                    self.url,
                    # Asked for at every attempt, as an attempt takes the cookies out.
                    headers=lambda: dict(self.options.get("extraHeaders") or {}),
                    auth=self.options.get("auth"),
                    transports=self.options["transports"],
                    namespaces=[self.space],
                )
                return
            except socketio.exceptions.ConnectionError:
                if not self.reconnection:
                    return
                await asyncio.sleep(self.reconnection_delay)

    async def connect(self, *args, **kwargs):
        """Is also what a client calls that comes back by itself."""
        if self.closed:
            raise socketio.exceptions.ConnectionError("closed")
        # One that waits gives up after a second, and does not hear a disconnect that comes
        # right behind the connect.
        await super().connect(*args, **{**kwargs, "wait": False})

    async def close(self):
        self.closed = True
        self.reconnection_attempts = 1  # a reconnect that has begun ends with its next try
        await self.disconnect()
        await self.eio.wait()
        # Its last words over polling may have had a session of their own.
        if self.eio.http:
            await self.eio.http.close()

    async def _handle_disconnect(self, namespace):
        self.reason = "io server disconnect"
        try:
            await super()._handle_disconnect(namespace)
        finally:
            self.reason = "transport close"


class Bridge:
    def __init__(self):
        self.clients = {}
        self.tasks = set()

    def start(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.ended)

    def ended(self, task):
        self.tasks.discard(task)
        if task.exception():
            print("python bridge:", repr(task.exception()), file=sys.stderr)

    async def obey(self, command):
        number = command["id"]
        if command["op"] == "open":
            client = self.clients[number] = Client(number, command["url"], command["options"])
            self.start(client.open())
        elif command["op"] == "emit":
            await self.emit(self.clients[number], command)
        elif command["op"] == "close":
            self.start(self.clients.pop(number).close())
        else:
            raise ValueError(command["op"])

    async def emit(self, client, command):
        def answered(*answer):
            client.report("ack", ack=command["ack"], args=answer)

        try:
            await client.emit(
                command["event"],
                tuple(command["args"]),
                namespace=client.space,
                callback=answered if "ack" in command else None,
            )
        except socketio.exceptions.BadNamespaceError:
            print("python bridge: not connected, lost", command["event"], file=sys.stderr)


async def main():
    lines = asyncio.StreamReader(limit=64 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    bridge = Bridge()
    while line := await lines.readline():
        await bridge.obey(json.loads(line))
    # The sockets end with the process, and none of them says so.
    os._exit(0)


asyncio.run(main())
