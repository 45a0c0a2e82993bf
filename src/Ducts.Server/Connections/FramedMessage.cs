using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>A message as it was framed for a socket.</summary>
/// <param name="Opcode">The opcode of its first frame.</param>
/// <param name="Payload">The payload of its first frame, which is the whole message unless that has more than 1 MiB.</param>
/// <param name="Frames">Its frames.</param>
internal readonly record struct FramedMessage(Opcode Opcode, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Frames)
{
    /// <summary>Gets how the message is written.</summary>
    public WireEncoding Encoding => Opcode == Opcode.Text ? WireEncoding.Json : WireEncoding.MessagePack;
}
