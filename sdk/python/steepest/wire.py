"""The messages of the plugin protocol, and how numbers become bytes.

The message classes are made at run time from protocol.binpb, the compiled form of optimizer.proto (`make generate`), so
that they bind to no version of protobuf. They stand here under their names, as the values of the enumerations do:
`wire.OpenRequest`, `wire.DTYPE_FLOAT64`. docs/protocol.md describes the calls.
"""

import importlib.resources

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "steepest.optimizer.v1"
SERVICE = PACKAGE + ".OptimizerService"

BINARY_PREFIX = "steepest-optimizer-"
COOKIE = ("STEEPEST_OPTIMIZER_PLUGIN", "the-plugin-proposes-the-host-applies")
LIFELINE = "STEEPEST_LIFELINE_FD"
REATTACH = "STEEPEST_REATTACH"
SOCKET_DIR = "PLUGIN_UNIX_SOCKET_DIR"
VERSIONS = "PLUGIN_PROTOCOL_VERSIONS"

CHUNK = 1 << 20  # bytes of a snapshot's chunks
# gRPC's own limit is a gradient of half a million numbers, and no proxy is between the two sides.
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
           ("grpc.enable_http_proxy", 0)]

FLOAT64 = np.dtype("<f8")


def _load():
    """Makes the classes, and returns each method's name with its two classes and with whether each side streams."""
    compiled = (importlib.resources.files(__package__) / "protocol.binpb").read_bytes()
    files = descriptor_pb2.FileDescriptorSet.FromString(compiled)
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    if hasattr(message_factory, "GetMessageClass"):  # protobuf 4.22
        make = message_factory.GetMessageClass
    else:
        make = message_factory.MessageFactory(pool).GetPrototype
    for file in files.file:
        for message in file.message_type:
            globals()[message.name] = make(pool.FindMessageTypeByName(f"{file.package}.{message.name}"))
        for enum in file.enum_type:
            for value in enum.value:
                globals()[value.name] = value.number
    service = pool.FindServiceByName(SERVICE)
    streams = {m.name: m for file in files.file for s in file.service for m in s.method}
    return {m.name: (make(m.input_type), make(m.output_type), streams[m.name].client_streaming,
                     streams[m.name].server_streaming) for m in service.methods}


METHODS = _load()
_Value = globals()["Value"]


class Client:
    """Calls a plugin's service over a gRPC channel: client.Describe(DescribeRequest()), and so on."""

    def __init__(self, channel):
        for name, (request, response, streams, streamed) in METHODS.items():
            kind = ("stream" if streams else "unary") + "_" + ("stream" if streamed else "unary")
            setattr(self, name, getattr(channel, kind)(f"/{SERVICE}/{name}", request_serializer=request.SerializeToString,
                                                       response_deserializer=response.FromString))


def handler(servicer):
    """The gRPC handler of an object that has a method of each name."""
    import grpc

    methods = {}
    for name, (request, response, streams, streamed) in METHODS.items():
        kind = ("stream" if streams else "unary") + "_" + ("stream" if streamed else "unary")
        methods[name] = getattr(grpc, kind + "_rpc_method_handler")(
            getattr(servicer, name), request_deserializer=request.FromString, response_serializer=response.SerializeToString)
    return grpc.method_handlers_generic_handler(SERVICE, methods)


def value(x):
    """The message of a hyperparameter's value: a float, an int, a bool or a str."""
    if isinstance(x, (bool, np.bool_)):
        return _Value(boolean=bool(x))
    if isinstance(x, (int, np.integer)):
        return _Value(integer=int(x))
    if isinstance(x, (float, np.floating)):
        return _Value(float=float(x))
    if isinstance(x, str):
        return _Value(text=x)
    raise TypeError(f"{x!r} is no float, int, bool or str")


def plain(v):
    """What a value's message stands for; None if it holds nothing."""
    kind = v.WhichOneof("kind")
    return None if kind is None else getattr(v, kind)


def to_bytes(vector):
    """The bytes of float64 numbers."""
    return np.ascontiguousarray(vector, FLOAT64).tobytes()


def floats(b, n, what):
    """A view of bytes as n numbers, which can only be read."""
    if len(b) != n * FLOAT64.itemsize:
        raise ValueError(f"{what}: {len(b)} bytes where {n} float64 ({n * FLOAT64.itemsize} bytes) are due")
    return np.frombuffer(b, FLOAT64)
