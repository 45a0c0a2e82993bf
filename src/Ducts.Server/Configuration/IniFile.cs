using System.Text;

namespace Ducts.Configuration;

/// <summary>
/// What an INI file holds. What cannot be read, the file or a line, is a problem and never an exception; the lines after
/// it still count.
/// </summary>
internal sealed record IniFile(
    IReadOnlyList<IniSectionHead> Sections,
    IReadOnlyList<IniEntry> Entries,
    IReadOnlyList<ConfigProblem> Problems)
{
    /// <summary>Thousands of times a real file; above it, a wrong file was named.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IniFile Read(string path)
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxBytes)
                return Unreadable(path, $"has {file.Length} bytes: expected an INI file of at most {MaxBytes}");
            if (file.Exists && !RegularFile.Is(path))
                return Unreadable(path, "is no regular file, but a pipe, a socket or a device: expected an INI file");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable(path, "no such file");
        }
        catch (UnauthorizedAccessException)
        {
            return Unreadable(path, Directory.Exists(path) ? "is a folder: expected an INI file" : "may not be read: check its permissions");
        }
        catch (Exception e) when (e is IOException or NotSupportedException or ArgumentException)
        {
            return Unreadable(path, $"cannot be read: {e.Message}");
        }
        if (FindForeignForm(bytes) is { } form)
            return Unreadable(path, $"is {form}: expected an INI file saved as UTF-8");
        if (bytes.AsSpan().IndexOf((byte)0) is >= 0 and var zero)
            return Unreadable(path, "is no text: expected an INI file saved as UTF-8", LineAt(bytes, zero));
        var (text, faultyLine) = Decode(bytes);
        var ini = IniParser.Parse(text, path, static (section, option) => OptionCatalog.Find(section)?.Find(option) is not null);
        return faultyLine == 0
            ? ini
            : ini with { Problems = [new ConfigProblem(ConfigSeverity.Error, path, faultyLine, "is not UTF-8: expected a file saved as UTF-8"), .. ini.Problems] };
    }

    /// <summary>Read as UTF-8, each line of such a file would be a fault of its own, and none would say what is wrong.</summary>
    private static string? FindForeignForm(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xff, 0xfe, 0, 0, ..] or [0, 0, 0xfe, 0xff, ..] => "UTF-32",
        [0xff, 0xfe, ..] or [0xfe, 0xff, ..] => "UTF-16",
        // Latin text in UTF-16 without a mark is half zeros; text in UTF-8 has none.
        _ when bytes.Count((byte)0) > bytes.Length / 4 => "UTF-16 or no text",
        _ => null,
    };

    private static (string Text, int FaultyLine) Decode(byte[] bytes)
    {
        try
        {
            return (Strict.GetString(bytes), 0);
        }
        catch (DecoderFallbackException e)
        {
            return (Encoding.UTF8.GetString(bytes), LineAt(bytes, e.Index));
        }
    }

    private static int LineAt(byte[] bytes, int index) => 1 + bytes.AsSpan(0, Math.Clamp(index, 0, bytes.Length)).Count((byte)'\n');

    private static IniFile Unreadable(string path, string message, int line = 0) =>
        new([], [], [new ConfigProblem(ConfigSeverity.Error, path, line, message)]);
}

/// <summary>A section's heading.</summary>
internal sealed record IniSectionHead(string Name, string Source, int Line);

/// <summary>One option as it was written.</summary>
/// <param name="Section">The section's name, as written.</param>
/// <param name="Name">The option's name, as written.</param>
/// <param name="Value">The value; lines that continue it are joined by line feeds.</param>
/// <param name="Source">The file's path as it was given, or an environment variable's name.</param>
/// <param name="Line">The line, from 1; 0 for an environment variable.</param>
internal sealed record IniEntry(string Section, string Name, string Value, string Source, int Line)
{
    /// <summary>Gets the place for messages.</summary>
    public string Place => Line == 0 ? Source : $"{Source}({Line})";

    /// <summary>Gets what entries of the same option have in common, however they are written.</summary>
    public (string Section, string Name) Key => KeyOf(Section, Name);

    public static (string Section, string Name) KeyOf(string section, string name) => (section.ToUpperInvariant(), name.ToUpperInvariant());
}
