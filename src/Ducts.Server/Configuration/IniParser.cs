namespace Ducts.Configuration;

/// <summary>
/// Reads INI text as Python's configparser does: <c>=</c> or <c>:</c>, comment lines with <c>#</c> or <c>;</c>, no
/// inline comments, indented lines continue a value, <c>%%</c> is <c>%</c>.
/// </summary>
internal sealed class IniParser
{
    private readonly string _source;
    private readonly Func<string, string, bool> _isKnownOption;
    private readonly List<IniSectionHead> _sections = [];
    private readonly List<IniEntry> _entries = [];
    private readonly List<ConfigProblem> _problems = [];
    private readonly Dictionary<(string Section, string Name), int> _lineOf = [];
    private readonly Dictionary<string, int> _lineOfSection = new(StringComparer.OrdinalIgnoreCase);
    private string? _section;
    private string? _name;
    private int _indent;
    private int _line;
    private int _blankLines;
    private List<string> _value = [];
    private int _valueLine;
    private bool _headless;

    private IniParser(string source, Func<string, string, bool> isKnownOption)
    {
        _source = source;
        _isKnownOption = isKnownOption;
    }

    /// <summary>Reads a whole file's text.</summary>
    /// <param name="text">The text; a byte order mark at its start is skipped.</param>
    /// <param name="source">The name for messages.</param>
    /// <param name="isKnownOption">Whether a section has an option: decides what an indented <c>name = value</c> is.</param>
    public static IniFile Parse(string text, string source, Func<string, string, bool> isKnownOption)
    {
        var parser = new IniParser(source, isKnownOption);
        var rest = text.AsSpan();
        if (rest is ['\uFEFF', ..])
            rest = rest[1..];
        foreach (var line in rest.EnumerateLines())
        {
            parser._line++;
            parser.ReadLine(line);
        }
        parser.EndOption();
        return new IniFile(parser._sections, parser._entries, parser._problems);
    }

    private void ReadLine(ReadOnlySpan<char> line)
    {
        var content = line.Trim();
        if (content.IsEmpty)
        {
            _blankLines++;
            return;
        }
        if (content[0] is '#' or ';')
            return;
        var indent = line.Length - line.TrimStart().Length;
        if (_name is not null && indent > _indent && !LooksLikeOption(content))
        {
            // configparser keeps empty lines inside a value.
            for (; _blankLines > 0; _blankLines--)
                _value.Add("");
            _value.Add(content.ToString());
            return;
        }
        EndOption();
        if (content[0] == '[')
            ReadHead(content);
        else
            ReadOption(content, indent);
    }

    /// <summary>
    /// A template's line of which only the <c>#</c> was removed is indented by one space; it is meant as an option, not
    /// as more of the option above.
    /// </summary>
    private bool LooksLikeOption(ReadOnlySpan<char> content)
    {
        var delimiter = content.IndexOfAny('=', ':');
        return delimiter > 0 && _isKnownOption(_section!, content[..delimiter].TrimEnd().ToString());
    }

    private void ReadHead(ReadOnlySpan<char> content)
    {
        var end = content.LastIndexOf(']');
        var name = end < 0 ? default : content[1..end].Trim();
        var after = end < 0 ? default : content[(end + 1)..].Trim();
        if (name.IsEmpty)
        {
            _section = null;
            _headless = true;
            Report(ConfigSeverity.Error, _line, end < 0
                ? $"\"{Excerpt(content)}\" has no closing bracket: expected [section]"
                : "a section without a name: expected [section]");
            return;
        }
        _headless = false;
        _section = name.ToString();
        if (!after.IsEmpty && after[0] is not ('#' or ';'))
            Report(ConfigSeverity.Error, _line, $"\"{Excerpt(after)}\" after [{_section}]: expected nothing more on this line");
        _sections.Add(new IniSectionHead(_section, _source, _line));
        if (!_lineOfSection.TryAdd(_section, _line))
            Report(ConfigSeverity.Warning, _line, $"[{_section}] stands already in line {_lineOfSection[_section]}; both count as one, put their options together");
    }

    private void ReadOption(ReadOnlySpan<char> content, int indent)
    {
        var delimiter = content.IndexOfAny('=', ':');
        var name = delimiter < 0 ? content : content[..delimiter].TrimEnd();
        if (delimiter < 0)
        {
            Report(ConfigSeverity.Error, _line, $"\"{Excerpt(content)}\" is neither an option nor a comment: expected name = value, or # at the start of a comment");
            return;
        }
        if (name.IsEmpty)
        {
            Report(ConfigSeverity.Error, _line, $"\"{Excerpt(content)}\" has no name: expected name = value");
            return;
        }
        if (_section is null)
        {
            // Below a faulty heading the heading is the fault.
            if (!_headless)
                Report(ConfigSeverity.Error, _line, $"option {Excerpt(name)} stands before the first section: expected a line such as [ducts.server_config] above it");
            return;
        }
        _name = name.ToString();
        _indent = indent;
        _valueLine = _line;
        _value = [content[(delimiter + 1)..].Trim().ToString()];
    }

    private void EndOption()
    {
        _blankLines = 0;
        if (_name is null || _section is null)
            return;
        var value = string.Join('\n', _value).TrimEnd('\n').Replace("%%", "%", StringComparison.Ordinal);
        var entry = new IniEntry(_section, _name, value, _source, _valueLine);
        if (_lineOf.TryAdd(entry.Key, _valueLine))
            _entries.Add(entry);
        else
            Report(ConfigSeverity.Error, _valueLine, $"[{_section}] {_name} is set already in line {_lineOf[entry.Key]}: remove one of the two");
        _name = null;
    }

    private void Report(ConfigSeverity severity, int line, string message) =>
        _problems.Add(new ConfigProblem(severity, _source, line, message));

    private static string Excerpt(ReadOnlySpan<char> text) => text.Length <= 60 ? text.ToString() : $"{text[..57]}...";
}
