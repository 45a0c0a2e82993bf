using System.Buffers;

namespace Ducts.Connections;

/// <summary>Whole frames, one after the other, as they go to the socket in one write.</summary>
internal sealed class OutboxChunk(byte[] array, int start, int end, int messages)
{
    /// <summary>What gathers in one write; larger messages get a chunk of their own.</summary>
    public const int Size = 16 * 1024;

    private int _end = end;

    public int Length => _end - start;

    public int Messages { get; private set; } = messages;

    public ReadOnlyMemory<byte> Bytes => array.AsMemory(start, Length);

    public static OutboxChunk ForGathering() => new(ArrayPool<byte>.Shared.Rent(Size), 0, 0, 0);

    public bool TryAppend(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var headerLength = FrameHeader.ServerLength(payload.Length);
        if (array.Length - _end < headerLength + payload.Length)
            return false;
        _end += FrameHeader.Write(array.AsSpan(_end), opcode, final: true, payload.Length);
        payload.CopyTo(array.AsSpan(_end));
        _end += payload.Length;
        Messages++;
        return true;
    }

    public void Return() => ArrayPool<byte>.Shared.Return(array);
}
