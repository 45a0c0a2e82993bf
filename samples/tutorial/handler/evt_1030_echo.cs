// Bytes are bytes on the wire, without base64. A large reply is divided on the way and joined by the client.
public sealed class Echo : DuctsHandler
{
    public byte[] Handle(byte[] bytes) => bytes;
}
