using System.Buffers;
using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>
/// A pooled buffer in which one message is packed, with room before it for a frame's head, so that the message can be
/// sent from where it was packed.
/// </summary>
/// <remarks>
/// Threading: one owner at a time. <see cref="Rent"/> and <see cref="Return"/> keep one small buffer per thread.
/// </remarks>
internal sealed class MessageBuffer : IBufferWriter<byte>
{
    /// <summary>
    /// Where the message starts in the array: behind the longest head of a frame, and of a piece of a divided message with
    /// a request id of up to 15 bytes.
    /// </summary>
    public const int HeadRoom = 32;

    // A reply of a few hundred bytes is the common one; more grows.
    private const int InitialSize = 1024;

    // What a thread keeps between messages; larger arrays go back to the pool.
    private const int KeptSize = 64 * 1024;

    [ThreadStatic]
    private static MessageBuffer? _cached;

    private byte[] _array = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _end = HeadRoom;

    public int Length => _end - HeadRoom;

    public ReadOnlySpan<byte> Written => _array.AsSpan(HeadRoom, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(HeadRoom, Length);

    public static MessageBuffer Rent()
    {
        var buffer = _cached ?? new MessageBuffer();
        _cached = null;
        return buffer;
    }

    public void Return()
    {
        if (_array.Length > KeptSize)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = ArrayPool<byte>.Shared.Rent(InitialSize);
        }

        _end = HeadRoom;
        if (_cached is null)
            _cached = this;
        else
            ArrayPool<byte>.Shared.Return(_array);
    }

    /// <summary>Returns the message, which is MessagePack, as JSON text in another buffer, which the caller returns.</summary>
    public MessageBuffer ToJsonText()
    {
        var text = Rent();
        JsonForm.WriteText(Written, text);
        return text;
    }

    public void Clear() => _end = HeadRoom;

    /// <summary>Gives away the array, with the message in it from <see cref="HeadRoom"/> on, and starts with a new one.</summary>
    /// <param name="length">The message's length.</param>
    public byte[] Detach(out int length)
    {
        var array = _array;
        length = Length;
        _array = ArrayPool<byte>.Shared.Rent(InitialSize);
        _end = HeadRoom;
        return array;
    }

    public void Advance(int count) => _end += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _array.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _array.AsSpan(_end);
    }

    private void EnsureRoom(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_array.Length - _end < sizeHint)
            Grow(sizeHint);
    }

    private void Grow(int sizeHint)
    {
        var wanted = Math.Max((long)_array.Length * 2, (long)_end + sizeHint);
        if (wanted > Array.MaxLength)
            wanted = Math.Max((long)_end + sizeHint, Array.MaxLength);
        var larger = ArrayPool<byte>.Shared.Rent(checked((int)wanted));
        _array.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
