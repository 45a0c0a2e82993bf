using System.Buffers;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>A message that waits for its turn, in an array from the pool.</summary>
/// <remarks>Threading: guarded by the inbox; one pump has it while it is handled.</remarks>
internal sealed class WaitingMessage
{
    // What the object, its id and its place in the list take.
    private const int Overhead = 160;

    private byte[]? _array;

    public WaitingMessage(WireEncoding encoding, ReadOnlySpan<byte> message, byte[] requestId, long number, int credit)
    {
        Number = number;
        Credit = credit;
        Encoding = encoding;
        Length = message.Length;
        RequestId = requestId;
        _array = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(_array);
        Cost = _array.Length + requestId.Length + Overhead;
    }

    public WireEncoding Encoding { get; }

    public int Length { get; }

    public byte[] RequestId { get; }

    /// <summary>Gets its number among the session's messages; 0 where they have none.</summary>
    public long Number { get; }

    /// <summary>Gets what it counts for of the bytes that its client may have sent; nothing for one that has no need to wait.</summary>
    public int CountedLength { get; init; }

    /// <summary>Gets or sets how many items its stream may send; 0 for no limit.</summary>
    public int Credit { get; set; }

    /// <summary>Gets the memory that it takes, in bytes.</summary>
    public int Cost { get; private set; }

    /// <summary>Gets or sets the message that came next.</summary>
    public WaitingMessage? Next { get; set; }

    /// <summary>Gets or sets whether a pump handles it.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Gets or sets whether its client has cancelled it while a pump handles it.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Gets whether its bytes have been given back, and only its place in the list is left.</summary>
    public bool IsReleased => _array is null;

    public ReadOnlyMemory<byte> Bytes => _array.AsMemory(0, Length);

    /// <summary>Gives the bytes back.</summary>
    /// <returns>What its cost falls by.</returns>
    public int Release()
    {
        if (_array is not { } array)
        {
            return 0;
        }

        _array = null;
        ArrayPool<byte>.Shared.Return(array);
        Cost -= array.Length;
        return array.Length;
    }
}
