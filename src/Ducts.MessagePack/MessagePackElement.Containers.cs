using System.Text;

namespace Ducts.MessagePack;

public readonly partial struct MessagePackElement
{
    /// <summary>An element of the array. Each access passes over those before it: to see all, enumerate.</summary>
    /// <param name="index">Its position.</param>
    /// <exception cref="InvalidOperationException">This is no array.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The array has no such position.</exception>
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

    /// <summary>The array's length.</summary>
    /// <returns>The number of elements.</returns>
    /// <exception cref="InvalidOperationException">This is no array.</exception>
    public int GetArrayLength() => EnumerateArray().Count;

    /// <summary>The map's size.</summary>
    /// <returns>The number of pairs.</returns>
    /// <exception cref="InvalidOperationException">This is no map.</exception>
    public int GetPropertyCount() => EnumerateObject().Count;

    /// <summary>The array's elements.</summary>
    /// <returns>What <c>foreach</c> enumerates.</returns>
    /// <exception cref="InvalidOperationException">This is no array.</exception>
    public MessagePackArrayEnumerator EnumerateArray()
    {
        var reader = Reader;
        if (reader.TryReadArrayHeader(out var count) != MessagePackStatus.Ok)
            throw Mismatch("an array");
        return new MessagePackArrayEnumerator(_bytes[reader.Position..], count);
    }

    /// <summary>The map's pairs, in their order.</summary>
    /// <returns>What <c>foreach</c> enumerates.</returns>
    /// <exception cref="InvalidOperationException">This is no map.</exception>
    public MessagePackMapEnumerator EnumerateObject()
    {
        var reader = Reader;
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
            throw Mismatch("a map");
        return new MessagePackMapEnumerator(_bytes[reader.Position..], count);
    }

    /// <summary>The map's value of a name, exactly as written; the last, if there are several.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidOperationException">This is no map.</exception>
    /// <exception cref="KeyNotFoundException">The map has no such name.</exception>
    public MessagePackElement GetProperty(string name)
        => TryGetProperty(name, out var value) ? value : throw new KeyNotFoundException($"The map has no '{name}'.");

    /// <summary>The map's value of a name, exactly as written; the last, if there are several.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; null otherwise.</param>
    /// <returns>Whether the map has the name.</returns>
    /// <exception cref="InvalidOperationException">This is no map.</exception>
    public bool TryGetProperty(string name, out MessagePackElement value)
    {
        ArgumentNullException.ThrowIfNull(name);
        var length = Encoding.UTF8.GetMaxByteCount(name.Length);
        var utf8 = length <= 256 ? stackalloc byte[256] : new byte[length];
        return TryGetProperty(utf8[..Encoding.UTF8.GetBytes(name, utf8)], out value);
    }

    /// <summary>The map's value of a name, exactly as written; the last, if there are several.</summary>
    /// <param name="utf8Name">The name in UTF-8.</param>
    /// <param name="value">The value; null otherwise.</param>
    /// <returns>Whether the map has the name.</returns>
    /// <exception cref="InvalidOperationException">This is no map.</exception>
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
