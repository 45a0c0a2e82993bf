using System.Diagnostics;

namespace Ducts.MessagePack;

/// <summary>Reads checked bytes as plain .NET values, when no type says what is wanted.</summary>
internal static class PlainValues
{
    /// <summary>Reads one value from bytes that were checked, which also bounds the depth of this recursion.</summary>
    public static object? Read(ref PackReader reader)
    {
        _ = reader.TryPeekKind(out var kind);
        switch (kind)
        {
            case MessagePackKind.Nil:
                _ = reader.TryReadNil();
                return null;
            case MessagePackKind.Boolean:
                _ = reader.TryReadBoolean(out var truth);
                return truth;
            case MessagePackKind.Integer:
                return reader.TryReadInt64(out var signed) == MessagePackStatus.Ok ? signed : ReadUInt64(ref reader);
            case MessagePackKind.Float:
                _ = reader.TryReadDouble(out var number);
                return number;
            case MessagePackKind.String:
                _ = reader.TryReadString(out var text);
                return text;
            case MessagePackKind.Binary:
                _ = reader.TryReadBinary(out var bytes);
                return bytes.ToArray();
            case MessagePackKind.Array:
                return ReadList(ref reader);
            case MessagePackKind.Map:
                return ReadDictionary(ref reader);
            default:
                return reader.TryReadTimestamp(out var time) == MessagePackStatus.Ok ? time : ReadElement(ref reader);
        }
    }

    /// <summary>Reads a key: a string as it is, anything else as its JSON text.</summary>
    public static string ReadKey(ref PackReader reader)
        => reader.TryReadString(out var text) == MessagePackStatus.Ok ? text : ReadElement(ref reader).ToString();

    private static ulong ReadUInt64(ref PackReader reader)
    {
        _ = reader.TryReadUInt64(out var value);
        return value;
    }

    private static MessagePackElement ReadElement(ref PackReader reader)
    {
        var status = reader.TryReadRaw(out var raw, int.MaxValue);
        Debug.Assert(status == MessagePackStatus.Ok, "the bytes were checked");
        return new MessagePackElement(raw.ToArray());
    }

    private static List<object?> ReadList(ref PackReader reader)
    {
        _ = reader.TryReadArrayHeader(out var count);
        var list = new List<object?>(count);
        for (var i = 0; i < count; i++)
            list.Add(Read(ref reader));
        return list;
    }

    private static Dictionary<string, object?> ReadDictionary(ref PackReader reader)
    {
        _ = reader.TryReadMapHeader(out var count);
        var map = new Dictionary<string, object?>(count);
        for (var i = 0; i < count; i++)
        {
            var key = ReadKey(ref reader);
            map[key] = Read(ref reader);
        }

        return map;
    }
}
