using System.Buffers;

namespace Ducts.MessagePack.Tests;

/// <summary>An output that hands out no more memory than was asked for.</summary>
public sealed class SmallPieces : IBufferWriter<byte>
{
    private readonly List<byte> _written = [];
    private byte[] _piece = [];

    public void Advance(int count) => _written.AddRange(_piece.AsSpan(0, count));

    public Memory<byte> GetMemory(int sizeHint = 0) => _piece = new byte[Math.Max(sizeHint, 1)];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public byte[] ToArray() => [.. _written];
}
