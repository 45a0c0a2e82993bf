using System.Globalization;

namespace Ducts.MessagePack;

/// <summary>Describes why bytes could not be read as a type: the place, the expected value and the value found.</summary>
public sealed class MessagePackReadError
{
    /// <summary>Creates an error.</summary>
    /// <param name="path">The path of the value, as in <c>address.lines[2]</c>; empty for the whole value.</param>
    /// <param name="expected">The expected value, as in <c>an integer</c>.</param>
    /// <param name="found">The value found, as in <c>a string</c>.</param>
    public MessagePackReadError(string path, string expected, string found)
    {
        Path = path;
        Expected = expected;
        Found = found;
    }

    /// <summary>Gets the path of the value, as in <c>address.lines[2]</c>; empty for the whole value.</summary>
    public string Path { get; }

    /// <summary>Gets the expected value, as in <c>an integer</c>.</summary>
    public string Expected { get; }

    /// <summary>Gets the value found, as in <c>a string</c>.</summary>
    public string Found { get; }

    /// <summary>Returns the same error with a path that starts at the map that contains the value.</summary>
    /// <param name="member">The name of the value in the map.</param>
    /// <returns>An error whose path starts with the name.</returns>
    public MessagePackReadError Within(string member)
        => new(Path.Length == 0 || Path[0] == '[' ? member + Path : $"{member}.{Path}", Expected, Found);

    /// <summary>Returns the same error with a path that starts at the array that contains the value.</summary>
    /// <param name="index">The position of the value in the array.</param>
    /// <returns>An error whose path starts with the index.</returns>
    public MessagePackReadError Within(int index)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"[{index}]");
        return new(Path.Length == 0 || Path[0] == '[' ? head + Path : $"{head}.{Path}", Expected, Found);
    }

    /// <summary>Returns the error as one line, as in <c>address.lines[2]: expected an integer, found a string</c>.</summary>
    /// <returns>The line.</returns>
    public override string ToString()
        => Path.Length == 0 ? $"expected {Expected}, found {Found}" : $"{Path}: expected {Expected}, found {Found}";

    /// <summary>Creates an error about the value at a reader's position.</summary>
    /// <param name="reader">The reader, positioned before the value.</param>
    /// <param name="expected">The expected value, as in <c>an integer</c>.</param>
    /// <returns>The error, without a path.</returns>
    public static MessagePackReadError At(in PackReader reader, string expected) => new("", expected, Describe(reader));

    /// <summary>An error about an integer that is of the right kind, but too small or too large.</summary>
    internal static MessagePackReadError OutOfRange(PackReader reader, string expected)
    {
        if (reader.TryReadInt64(out var signed) == MessagePackStatus.Ok)
            return new("", expected, string.Create(CultureInfo.InvariantCulture, $"{signed}"));
        return reader.TryReadUInt64(out var unsigned) == MessagePackStatus.Ok
            ? new("", expected, string.Create(CultureInfo.InvariantCulture, $"{unsigned}"))
            : At(reader, expected);
    }

    private static string Describe(PackReader reader) => reader.TryPeekKind(out var kind) switch
    {
        MessagePackStatus.EndOfData => "the end of the data",
        MessagePackStatus.InvalidFormat => "the byte 0xc1, which is never used",
        _ => kind switch
        {
            MessagePackKind.Nil => "null",
            MessagePackKind.Boolean => "a boolean",
            MessagePackKind.Integer => "an integer",
            MessagePackKind.Float => "a float",
            MessagePackKind.String => "a string",
            MessagePackKind.Binary => "bytes",
            MessagePackKind.Array => "an array",
            MessagePackKind.Map => "a map",
            _ => "an extension",
        },
    };
}
