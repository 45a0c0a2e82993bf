using Microsoft.Extensions.Configuration;

namespace Ducts.Configuration;

/// <summary>
/// Reads the configuration of the <c>ducts</c> command. Environment variables override INI files, an earlier file overrides
/// a later one, and all of them override the defaults.
/// </summary>
public sealed class DuctsConfiguration
{
    private readonly DuctsOptions _options = new();
    private readonly List<ConfigProblem> _problems = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _read = [];
    private readonly List<IniEntry> _entries = [];
    private readonly List<IniSectionHead> _userSections = [];
    private readonly Dictionary<(string Section, string Option), IniEntry> _origin = [];
    private readonly List<(IniEntry Entry, string Message)> _unknown = [];

    private DuctsConfiguration()
    {
    }

    /// <summary>Returns the name of the file that is read if none is given.</summary>
    /// <param name="module">The module: <c>server</c>, or the name of a user's module.</param>
    public static string DefaultFile(string module) => $"config_{module}.ini";

    /// <summary>Reads files and environment variables. The result reports invalid content; no exception is thrown for it.</summary>
    /// <param name="files">The files; the first that has an option wins. Empty: <see cref="DefaultFile"/>, which need not exist.</param>
    /// <param name="module">The module: <c>server</c>, or the name of a user's module.</param>
    /// <param name="environment">The environment variables.</param>
    public static DuctsConfigurationResult Load(
        IReadOnlyList<string> files, string module, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(environment);
        var configuration = new DuctsConfiguration();
        if (files.Count > 0)
            configuration.ReadFiles(files);
        else if (File.Exists(DefaultFile(module)) || Directory.Exists(DefaultFile(module)))
            configuration.ReadFiles([DefaultFile(module)]);
        else
            configuration._problems.Add(new ConfigProblem(ConfigSeverity.Warning, DefaultFile(module), 0, "no such file: all options are at their defaults; print one with: ducts config"));
        configuration.Apply(environment);
        return configuration.Finish();
    }

    private void ReadFiles(IReadOnlyList<string> files)
    {
        foreach (var path in files)
        {
            var file = IniFile.Read(path);
            _problems.AddRange(file.Problems);
            _entries.AddRange(file.Entries);
            _userSections.AddRange(file.Sections.Where(static head => !OptionCatalog.IsBuiltIn(head.Name)));
            _read.Add(path);
        }
    }

    private void Apply(IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var overrides = EnvironmentEntries.Read(environment, _userSections.Select(static head => head.Name)).ToList();
        _userSections.AddRange(overrides
            .Where(static entry => !OptionCatalog.IsBuiltIn(entry.Section))
            .Select(static entry => new IniSectionHead(entry.Section, entry.Source, 0)));
        _entries.InsertRange(0, overrides);
        foreach (var entry in _entries)
        {
            if (_origin.TryAdd(entry.Key, entry) && OptionCatalog.Find(entry.Section) is { } section)
                Set(section, entry);
        }
    }

    private void Set(SectionShape section, IniEntry entry)
    {
        if (section.Find(entry.Name) is { } option)
        {
            if (option.TrySet(section.ValuesOf(_options)!, entry.Value) is { } problem)
                Report(ConfigSeverity.Error, entry, $"[{section.Name}] {option.Name}{problem}{HintOnComment(entry.Value)}");
        }
        else if (OptionCatalog.IsWithoutMeaning(entry.Name))
        {
            _notes.Add($"{entry.Place}: {entry.Name} has no meaning here and is ignored");
        }
        else
        {
            _unknown.Add((entry, $"[{section.Name}] has no option {entry.Name}{SuggestOption(section, entry.Name)}"));
        }
    }

    private DuctsConfigurationResult Finish()
    {
        // Whether an unknown option is an error is itself an option, known only now.
        foreach (var (entry, message) in _unknown)
            Report(_options.Event.Strict ? ConfigSeverity.Error : ConfigSeverity.Warning, entry, message);
        foreach (var fault in DuctsOptionsValidator.FindFaults(_options))
        {
            var origin = _origin.GetValueOrDefault(IniEntry.KeyOf(fault.Section, fault.Option));
            _problems.Add(new ConfigProblem(ConfigSeverity.Error, origin?.Source ?? "", origin?.Line ?? 0, fault.ToString()));
        }
        var problems = _problems.OrderBy(problem => _read.IndexOf(problem.Source)).ThenBy(static problem => problem.Line).ToList();
        if (_options.Common.DuctsHome == ".")
            _options.Common.DuctsHome = _options.Context.DuctsHome;
        // One that is no path is among the problems.
        if (_options.Common.DuctsHome.Length > 0 && !_options.Common.DuctsHome.Contains('\0', StringComparison.Ordinal))
            _options.Common.DuctsHome = Path.GetFullPath(_options.Common.DuctsHome);
        _options.Context.DuctsHome = _options.Common.DuctsHome;
        return new DuctsConfigurationResult(_options, problems, _notes, _read, _userSections, BuildUserSections());
    }

    private IConfiguration BuildUserSections()
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in _entries)
        {
            if (!OptionCatalog.IsBuiltIn(entry.Section))
                values.TryAdd(ConfigurationPath.Combine(entry.Section, entry.Name), entry.Value);
        }
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    private void Report(ConfigSeverity severity, IniEntry entry, string message) =>
        _problems.Add(new ConfigProblem(severity, entry.Source, entry.Line, message));

    private static string SuggestOption(SectionShape section, string name)
    {
        var elsewhere = OptionCatalog.Sections.FirstOrDefault(other => other.Find(name) is not null);
        return elsewhere is not null
            ? $"; it belongs to [{elsewhere.Name}]"
            : Spelling.DidYouMean(name, section.Options.Select(static option => option.Name));
    }

    private static string HintOnComment(string value) =>
        value.Contains(" #", StringComparison.Ordinal) || value.Contains(" ;", StringComparison.Ordinal)
            ? "; a comment has to stand on a line of its own"
            : "";
}
