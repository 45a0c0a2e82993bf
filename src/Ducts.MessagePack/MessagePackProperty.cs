namespace Ducts.MessagePack;

/// <summary>One pair of a map.</summary>
public readonly struct MessagePackProperty
{
    internal MessagePackProperty(MessagePackElement key, MessagePackElement value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>The key as it stands, of any kind.</summary>
    public MessagePackElement Key { get; }

    /// <summary>The key as text: a string as it is, any other value as its JSON text.</summary>
    public string Name => Key.TryGetString(out var name) ? name : Key.ToString();

    /// <summary>The value.</summary>
    public MessagePackElement Value { get; }

    /// <summary>Compares the key without making a string.</summary>
    /// <param name="utf8Name">A name in UTF-8.</param>
    /// <returns>Whether the key is this string.</returns>
    public bool NameEquals(ReadOnlySpan<byte> utf8Name)
    {
        var reader = new PackReader(Key.RawBytes.Span);
        return reader.TryReadStringBytes(out var bytes) == MessagePackStatus.Ok && bytes.SequenceEqual(utf8Name);
    }
}
