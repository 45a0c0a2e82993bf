using System.Buffers;

namespace Ducts.Client;

/// <summary>Packs messages into pooled arrays of about their own size, for they may be kept for long.</summary>
internal sealed class PackBuffer : IBufferWriter<byte>
{
    // What is larger is not copied: its array is handed over.
    private const int ScratchSize = 4096;

    [ThreadStatic]
    private static PackBuffer? _ofThread;

    private byte[] _bytes = new byte[ScratchSize];
    private int _length;

    /// <summary>Gets how many bytes have been written.</summary>
    public int Length => _length;

    /// <summary>Returns an empty buffer, which only this thread has until it gives it back by <see cref="ToPooled"/> or <see cref="Clear"/>.</summary>
    public static PackBuffer Rent()
    {
        // Not there while data that is being packed calls the client itself.
        var buffer = _ofThread ?? new PackBuffer();
        _ofThread = null;
        return buffer;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Ends the use of the buffer.</summary>
    /// <returns>What has been written, in an array of the shared pool.</returns>
    public ArraySegment<byte> ToPooled()
    {
        var length = _length;
        byte[] pooled;
        if (_bytes.Length == ScratchSize)
        {
            pooled = ArrayPool<byte>.Shared.Rent(length);
            _bytes.AsSpan(0, length).CopyTo(pooled);
        }
        else
        {
            pooled = _bytes;
            _bytes = new byte[ScratchSize];
        }

        Clear();
        return new ArraySegment<byte>(pooled, 0, length);
    }

    /// <summary>Ends the use of the buffer and forgets what has been written.</summary>
    public void Clear()
    {
        _length = 0;
        _ofThread = this;
    }

    private void Grow(int sizeHint)
    {
        var needed = checked(_length + Math.Max(sizeHint, 1));
        if (needed <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Min(_bytes.Length * 2L, Array.MaxLength)));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length != ScratchSize)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
