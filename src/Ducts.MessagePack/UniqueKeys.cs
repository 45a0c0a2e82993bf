using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Ducts.MessagePack;

/// <summary>
/// Finds keys that a map of text cannot tell apart, such as 1 and "1", before one of their values is lost. MessagePack and JSON
/// text allow them.
/// </summary>
internal static class UniqueKeys
{
    // Up to here the keys are compared each with each, which takes no memory.
    private const int SmallMap = 8;

    /// <summary>Describes a key that comes twice in a map.</summary>
    public static MessagePackReadError Error(string key) => new("", "each key once", $"'{Shorten(key)}' twice");

    /// <summary>Looks through a whole value, whose bytes have been validated, which also bounds the depth of this recursion.</summary>
    /// <returns>False with the first key that comes twice.</returns>
    public static bool Check(ReadOnlySpan<byte> validated, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var reader = new PackReader(validated);
        error = Find(ref reader);
        return error is null;
    }

    private static MessagePackReadError? Find(ref PackReader reader)
    {
        if (reader.TryReadMapHeader(out var count) == MessagePackStatus.Ok)
            return FindInMap(ref reader, count);
        if (reader.TryReadArrayHeader(out count) != MessagePackStatus.Ok)
        {
            _ = reader.TrySkip(int.MaxValue);
            return null;
        }

        for (var i = 0; i < count; i++)
        {
            if (Find(ref reader) is { } error)
                return error.Within(i);
        }

        return null;
    }

    private static MessagePackReadError? FindInMap(ref PackReader reader, int count)
    {
        var map = reader.Remaining;
        var first = reader;
        Span<(int Start, int Length)> names = stackalloc (int, int)[SmallMap];
        var texts = count <= SmallMap ? null : new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var key = reader;
            if (texts is null && reader.TryReadStringBytes(out var name) == MessagePackStatus.Ok && Utf8.IsValid(name))
            {
                for (var other = 0; other < i; other++)
                {
                    if (map.Slice(names[other].Start, names[other].Length).SequenceEqual(name))
                        return Error(KeyText.Read(ref key));
                }

                names[i] = (reader.Position - first.Position - name.Length, name.Length);
            }
            else
            {
                // A key of another kind, or one that is decoded leniently: only texts can be compared.
                reader = key;
                texts ??= TextsOf(first, i);
                var text = KeyText.Read(ref reader);
                if (!texts.Add(text))
                    return Error(text);
            }

            if (Find(ref reader) is { } error)
                return error.Within(KeyText.Read(ref key));
        }

        return null;
    }

    private static HashSet<string> TextsOf(PackReader reader, int count)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            texts.Add(KeyText.Read(ref reader));
            _ = reader.TrySkip(int.MaxValue);
        }

        return texts;
    }

    private static string Shorten(string key) => key.Length <= 40 ? key : $"{key[..40]}…";
}
