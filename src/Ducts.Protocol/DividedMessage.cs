using System.Buffers;

namespace Ducts.Protocol;

/// <summary>A message that arrives in pieces.</summary>
internal sealed class DividedMessage
{
    private ArrayBufferWriter<byte>? _bytes = new();

    /// <summary>Adds a piece; beyond the limit nothing is kept, so that the end brings nothing.</summary>
    public bool TryAppend(ReadOnlySpan<byte> piece, int limit)
    {
        if (_bytes is null)
            return true;
        if (piece.Length > limit - _bytes.WrittenCount)
        {
            _bytes = null;
            return false;
        }

        _bytes.Write(piece);
        return true;
    }

    public ReadOnlyMemory<byte> ToMemory() => _bytes?.WrittenMemory ?? default;
}
