using System.Text;

namespace Ducts.MessagePack;

public readonly partial struct MessagePackElement
{
    /// <summary>Gets an element of the array. Each access skips the elements before it; to read all elements, enumerate the array.</summary>
    /// <param name="index">The zero-based position of the element.</param>
    /// <exception cref="InvalidOperationException">The element is not an array.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The position is outside the array.</exception>
    public MessagePackElement this[int index]
    {
        get
        {
            var elements = EnumerateArray();
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, elements.Count);
            for (var i = 0; i <= index; i++)
                elements.MoveNext();
            return elements.Current;
        }
    }

    /// <summary>Returns the length of the array.</summary>
    /// <returns>The number of elements.</returns>
    /// <exception cref="InvalidOperationException">The element is not an array.</exception>
    public int GetArrayLength() => EnumerateArray().Count;

    /// <summary>Returns the size of the map.</summary>
    /// <returns>The number of pairs.</returns>
    /// <exception cref="InvalidOperationException">The element is not a map.</exception>
    public int GetPropertyCount() => EnumerateObject().Count;

    /// <summary>Returns an enumerator of the array's elements.</summary>
    /// <returns>The enumerator, for use with <c>foreach</c>.</returns>
    /// <exception cref="InvalidOperationException">The element is not an array.</exception>
    public MessagePackArrayEnumerator EnumerateArray()
    {
        var reader = Reader;
        if (reader.TryReadArrayHeader(out var count) != MessagePackStatus.Ok)
            throw Mismatch("an array");
        return new MessagePackArrayEnumerator(_bytes[reader.Position..], count);
    }

    /// <summary>Returns an enumerator of the map's pairs, in their order.</summary>
    /// <returns>The enumerator, for use with <c>foreach</c>.</returns>
    /// <exception cref="InvalidOperationException">The element is not a map.</exception>
    public MessagePackMapEnumerator EnumerateObject()
    {
        var reader = Reader;
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
            throw Mismatch("a map");
        return new MessagePackMapEnumerator(_bytes[reader.Position..], count);
    }

    /// <summary>Gets the value of a name in the map; the last value if the name occurs more than once. Names are case-sensitive.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidOperationException">The element is not a map.</exception>
    /// <exception cref="KeyNotFoundException">The map does not contain the name.</exception>
    public MessagePackElement GetProperty(string name)
        => TryGetProperty(name, out var value) ? value : throw new KeyNotFoundException($"The map has no '{name}'.");

    /// <summary>Gets the value of a name in the map; the last value if the name occurs more than once. Names are case-sensitive.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; nil if the map does not contain the name.</param>
    /// <returns>True if the map contains the name.</returns>
    /// <exception cref="InvalidOperationException">The element is not a map.</exception>
    public bool TryGetProperty(string name, out MessagePackElement value)
    {
        ArgumentNullException.ThrowIfNull(name);
        var length = Encoding.UTF8.GetMaxByteCount(name.Length);
        var utf8 = length <= 256 ? stackalloc byte[256] : new byte[length];
        return TryGetProperty(utf8[..Encoding.UTF8.GetBytes(name, utf8)], out value);
    }

    /// <summary>Gets the value of a name in the map; the last value if the name occurs more than once. Names are case-sensitive.</summary>
    /// <param name="utf8Name">The name in UTF-8.</param>
    /// <param name="value">The value; nil if the map does not contain the name.</param>
    /// <returns>True if the map contains the name.</returns>
    /// <exception cref="InvalidOperationException">The element is not a map.</exception>
    public bool TryGetProperty(ReadOnlySpan<byte> utf8Name, out MessagePackElement value)
    {
        value = default;
        var found = false;
        foreach (var pair in EnumerateObject())
        {
            if (!pair.NameEquals(utf8Name))
                continue;
            value = pair.Value;
            found = true;
        }

        return found;
    }
}
