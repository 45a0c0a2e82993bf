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
        var (text, faultyLine) = Decode(bytes);
        var ini = IniParser.Parse(text, path, static (section, option) => OptionCatalog.Find(section)?.Find(option) is not null);
        return faultyLine == 0
            ? ini
            : ini with { Problems = [new ConfigProblem(ConfigSeverity.Error, path, faultyLine, "is not UTF-8: expected a file saved as UTF-8"), .. ini.Problems] };
    }

    private static (string Text, int FaultyLine) Decode(byte[] bytes)
    {
        try
        {
            return (Strict.GetString(bytes), 0);
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n');
            return (Encoding.UTF8.GetString(bytes), line);
        }
    }

    private static IniFile Unreadable(string path, string message) =>
        new([], [], [new ConfigProblem(ConfigSeverity.Error, path, 0, message)]);
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
