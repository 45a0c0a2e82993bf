using System.Buffers.Binary;
using System.Text;

namespace Ducts.Fuzz;

/// <summary>Makes decisions of an input's bytes, so that a change of a byte changes one of them. Past the end all are zero.</summary>
internal ref struct ByteFeed(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            return 0;
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public bool Boolean() => (Byte() & 1) == 1;

    /// <summary>Returns a number below a limit of at most 256.</summary>
    public int Below(int limit) => Byte() % limit;

    public ulong UInt64()
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        var taken = Take(sizeof(ulong));
        taken.CopyTo(value);
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    /// <summary>Returns the bytes up to the next zero, which is dropped, as text.</summary>
    public string Text()
    {
        var end = _rest.IndexOf((byte)0);
        var text = end < 0 ? Take(_rest.Length) : Take(end);
        Byte();
        return Encoding.UTF8.GetString(text);
    }

    public ReadOnlySpan<byte> Rest() => Take(_rest.Length);
}
