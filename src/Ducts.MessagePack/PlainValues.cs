using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack;

/// <summary>Reads checked bytes as plain .NET values, when no type says what is wanted.</summary>
internal static class PlainValues
{
    /// <summary>Reads one value from bytes that were checked, which also bounds the depth of this recursion.</summary>
    /// <returns>False for a map with keys that become the same text.</returns>
    public static bool TryRead(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        value = null;
        _ = reader.TryPeekKind(out var kind);
        switch (kind)
        {
            case MessagePackKind.Nil:
                _ = reader.TryReadNil();
                return true;
            case MessagePackKind.Boolean:
                _ = reader.TryReadBoolean(out var truth);
                value = truth;
                return true;
            case MessagePackKind.Integer:
                value = reader.TryReadInt64(out var signed) == MessagePackStatus.Ok ? signed : ReadUInt64(ref reader);
                return true;
            case MessagePackKind.Float:
                _ = reader.TryReadDouble(out var number);
                value = number;
                return true;
            case MessagePackKind.String:
                _ = reader.TryReadString(out var text);
                value = text;
                return true;
            case MessagePackKind.Binary:
                _ = reader.TryReadBinary(out var bytes);
                value = bytes.ToArray();
                return true;
            case MessagePackKind.Array:
                return TryReadList(ref reader, out value, out error);
            case MessagePackKind.Map:
                return TryReadDictionary(ref reader, out value, out error);
            default:
                value = ReadExtension(ref reader);
                return true;
        }
    }

    private static ulong ReadUInt64(ref PackReader reader)
    {
        _ = reader.TryReadUInt64(out var value);
        return value;
    }

    private static object ReadExtension(ref PackReader reader)
    {
        // UTC, so that it is written again as it came. What DateTime cannot hold stays an element, and whole.
        var start = reader;
        if (reader.TryReadTimestamp(out var time, out var rest) == MessagePackStatus.Ok && rest == 0)
            return time.UtcDateTime;
        reader = start;
        var status = reader.TryReadRaw(out var raw, int.MaxValue);
        Debug.Assert(status == MessagePackStatus.Ok, "the bytes were checked");
        return new MessagePackElement(raw.ToArray());
    }

    private static bool TryReadList(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        _ = reader.TryReadArrayHeader(out var count);
        var list = new List<object?>(count);
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(ref reader, out value, out error))
            {
                error = error.Within(i);
                return false;
            }

            list.Add(value);
        }

        value = list;
        error = null;
        return true;
    }

    private static bool TryReadDictionary(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        _ = reader.TryReadMapHeader(out var count);
        var map = new Dictionary<string, object?>(count);
        for (var i = 0; i < count; i++)
        {
            var key = KeyText.Read(ref reader);
            if (!TryRead(ref reader, out value, out error))
            {
                error = error.Within(key);
                return false;
            }

            if (!map.TryAdd(key, value))
            {
                error = UniqueKeys.Error(key);
                return false;
            }
        }

        value = map;
        error = null;
        return true;
    }
}
