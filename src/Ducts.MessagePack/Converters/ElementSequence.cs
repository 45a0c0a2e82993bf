using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>What all converters of arrays and collections share. The element's converter is fetched late: a type may contain itself.</summary>
internal sealed class ElementSequence<T>(PackSerializerOptions options)
{
    // What is announced is believed only so far; beyond it memory grows with what was really read.
    private const int TrustedCount = 1024;

    private PackConverter<T>? _converter;

    private PackConverter<T> Converter => _converter ??= options.GetConverter<T>();

    public void Write(ref PackWriter writer, ReadOnlySpan<T> values)
    {
        var converter = Converter;
        writer.Enter(options.MaxDepth);
        writer.WriteArrayHeader(values.Length);
        foreach (var value in values)
            converter.Write(ref writer, value);
        writer.Leave();
    }

    /// <summary>Writes a collection that says its length; it must keep to it.</summary>
    public void Write(ref PackWriter writer, IEnumerable<T> values, int count)
    {
        var converter = Converter;
        writer.Enter(options.MaxDepth);
        writer.WriteArrayHeader(count);
        foreach (var value in values)
        {
            if (--count < 0)
                break;
            converter.Write(ref writer, value);
        }

        if (count != 0)
            throw new MessagePackWriteException("A collection changed while it was being packed.");
        writer.Leave();
    }

    public bool TryReadArray(ref PackReader reader, [NotNullWhen(true)] out T[]? values, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        values = null;
        if (!TryReadHeader(ref reader, out var count, out error))
            return false;
        var converter = Converter;
        var array = count == 0 ? [] : new T[Math.Min(count, TrustedCount)];
        for (var i = 0; i < count; i++)
        {
            if (i == array.Length)
                Array.Resize(ref array, (int)Math.Min(count, array.Length * 2L));
            if (converter.TryRead(ref reader, out var value, out error))
            {
                array[i] = value;
                continue;
            }

            error = error.Within(i);
            return false;
        }

        reader.Depth--;
        values = array;
        return true;
    }

    public bool TryReadList(ref PackReader reader, [NotNullWhen(true)] out List<T>? values, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        values = null;
        if (!TryReadHeader(ref reader, out var count, out error))
            return false;
        var converter = Converter;
        var list = new List<T>(Math.Min(count, TrustedCount));
        for (var i = 0; i < count; i++)
        {
            if (converter.TryRead(ref reader, out var value, out error))
            {
                list.Add(value);
                continue;
            }

            error = error.Within(i);
            return false;
        }

        reader.Depth--;
        values = list;
        return true;
    }

    private bool TryReadHeader(ref PackReader reader, out int count, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        if (reader.TryReadArrayHeader(out count) == MessagePackStatus.Ok)
            return Nesting.TryEnter(ref reader, options, out error);
        error = MessagePackReadError.At(reader, "an array");
        return false;
    }
}
