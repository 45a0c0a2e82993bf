namespace Ducts.MessagePack;

/// <summary>Represents one pair of a map.</summary>
public readonly struct MessagePackProperty
{
    internal MessagePackProperty(MessagePackElement key, MessagePackElement value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>Gets the key, which may be of any kind.</summary>
    public MessagePackElement Key { get; }

    /// <summary>Gets the key as text: a string unchanged, any other value as JSON text; bytes are base64 without quotes.</summary>
    public string Name => Key.TryGetString(out var name) ? name : KeyText.Of(Key);

    /// <summary>Gets the value.</summary>
    public MessagePackElement Value { get; }

    /// <summary>Compares the key to a name without allocating a string.</summary>
    /// <param name="utf8Name">A name in UTF-8.</param>
    /// <returns>True if the key is this string.</returns>
    public bool NameEquals(ReadOnlySpan<byte> utf8Name)
    {
        var reader = new PackReader(Key.RawBytes.Span);
        return reader.TryReadStringBytes(out var bytes) == MessagePackStatus.Ok && bytes.SequenceEqual(utf8Name);
    }
}
