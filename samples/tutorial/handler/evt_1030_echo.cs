// Bytes are bytes on the wire, without base64.
// A large reply is divided on its way, and the client joins it.
public sealed class Echo : DuctsHandler
{
    public byte[] Handle(byte[] bytes) => bytes;
}
