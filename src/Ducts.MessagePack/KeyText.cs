namespace Ducts.MessagePack;

/// <summary>Keys of maps as text, for .NET's and JSON's maps, which have no other.</summary>
internal static class KeyText
{
    /// <summary>Reads a key from validated bytes: a string as it is, anything else as its JSON text, without the quotes of one in base64.</summary>
    public static string Read(ref PackReader reader)
    {
        if (reader.TryReadString(out var text) == MessagePackStatus.Ok)
            return text;
        _ = reader.TryReadRaw(out var raw, int.MaxValue);
        return Of(new MessagePackElement(raw.ToArray()));
    }

    /// <summary>Returns a key that is no string as text.</summary>
    public static string Of(MessagePackElement key)
        => key.ToString() is ['"', .. var text, '"'] ? text : key.ToString();
}
