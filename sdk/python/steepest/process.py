"""A plugin as a program: the handshake of go-plugin with the host, and what a person can ask."""

import concurrent.futures
import json
import os
import signal
import socket
import stat
import sys
import tempfile
import threading

from . import guard, shm, wire


def main(plugin):
    """Serves the host that started the program, or answers a person. It does not return."""
    if not guard.started:
        sys.exit(command(plugin, sys.argv[1:]))
    try:
        serve(plugin)
    except BaseException as e:
        print(f"{wire.BINARY_PREFIX}{plugin.name}: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
        raise


def serve(plugin):
    folder = guard.environment.get(wire.SOCKET_DIR) or tempfile.gettempdir()
    path = os.path.join(folder, f"plugin{os.getpid()}")
    mailbox = None
    lifeline = guard.environment.get(wire.LIFELINE, "")
    if lifeline.isdigit():
        line = socket.socket(fileno=int(lifeline))
        line.set_inheritable(False)
        if shm.supported():
            mailbox = shm.Mailbox()
        threading.Thread(target=die_with_host, args=(line, mailbox, folder, path), daemon=True).start()
    plugin.rule.warm(plugin.schema.read({})[0])
    ended = threading.Event()
    server = listen(plugin, mailbox, path, ended)
    os.write(guard.handshake, f"1|1|unix|{path}|grpc\n".encode())
    ended.wait()
    server.stop(0.2).wait(1)
    leave()


def leave():
    """Ends the process at once: threads that compute or wait would keep it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def listen(plugin, mailbox, path, ended):
    import grpc

    from . import service

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(64), options=wire.OPTIONS)
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler

    def shutdown(request, context):
        ended.set()
        return b""

    def stdio(request, context):  # kept open, and empty: all that is printed goes to standard error
        over = threading.Event()
        context.add_callback(over.set)
        over.wait()
        yield from ()

    # Empty messages, and one whose field 1 is 1 (SERVING): go-plugin's and gRPC's own definitions are not needed for these.
    server.add_generic_rpc_handlers((
        wire.handler(service.Service(plugin, mailbox)),
        grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": unary(lambda request, context: b"\x08\x01")}),
        grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": unary(shutdown)}),
        grpc.method_handlers_generic_handler("plugin.GRPCStdio", {"StreamStdio": stream(stdio)}),
    ))
    if not server.add_insecure_port("unix:" + path):
        raise OSError(f"cannot listen on {path}")
    server.start()
    return server


def die_with_host(line, mailbox, folder, path):
    """Ends the process when the host is gone: then the other end of the life line is closed. The host cannot clean up any more,
    so the socket goes too, and its folder if this was its last."""
    try:
        if mailbox is not None and line.type == socket.SOCK_SEQPACKET:
            mailbox.listen(line)
        else:
            while line.recv(1024):
                pass
    except OSError:
        pass
    for name in (path, os.path.join(folder, os.path.basename(sys.argv[0]))):
        try:
            if stat.S_ISSOCK(os.lstat(name).st_mode) or stat.S_ISLNK(os.lstat(name).st_mode):
                os.remove(name)
        except OSError:
            pass
    try:
        os.rmdir(folder)
    except OSError:
        pass
    leave()


HELP = """{binary} {version}: {summary}

This is an optimizer plugin for Steepest. "steepest run" starts it when an experiment says plugin = "{name}"
and finds it in the folder plugins/ beside the steepest command, in $STEEPEST_PLUGIN_PATH or in --plugin-dir.

Usage:
  {binary} describe     print its hyperparameters and capabilities as JSON
  {binary} bench N...   time its step over N parameters, without a host
  {binary} --debug      wait for a host to attach, for running under a debugger
  {binary} --version    print its version
"""


def command(plugin, arguments):
    """What the program does for a person. It returns the exit code."""
    d, binary = plugin.description, wire.BINARY_PREFIX + plugin.name
    what = arguments[0] if arguments else "--help"
    if what in ("--help", "-h", "help"):
        print(HELP.format(binary=binary, version=d.version, summary=d.summary, name=d.name), end="")
    elif what in ("--version", "version"):
        print(binary, d.version)
    elif what == "describe":
        from google.protobuf import json_format

        print(json_format.MessageToJson(d, ensure_ascii=False))
    elif what == "bench":
        from . import bench

        return bench.main(plugin, arguments[1:])
    elif what == "--debug":
        debug(plugin)
    else:
        print(f"{binary}: unknown command {what!r}; try {binary} --help", file=sys.stderr)
        return 2
    return 0


def debug(plugin):
    """Serves without a host having started it, until it is interrupted. It prints what the host needs to find it."""
    with tempfile.TemporaryDirectory(prefix="steepest-debug-") as folder:
        path, ended = os.path.join(folder, "plugin"), threading.Event()
        server = listen(plugin, None, path, ended)
        where = json.dumps({plugin.name: {"network": "unix", "address": path, "pid": os.getpid()}})
        print("Waiting for a host; Ctrl-C ends. Run the experiment in another terminal with\n\n"
              f"  export {wire.REATTACH}='{where}'\n", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        try:
            while not ended.wait(1):
                pass
        except KeyboardInterrupt:
            pass
        server.stop(0.2).wait(1)
