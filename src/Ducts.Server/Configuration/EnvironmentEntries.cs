namespace Ducts.Configuration;

/// <summary>
/// Environment variables as entries: <c>DUCTS_SECTION__OPTION</c>, where the section stands without <c>ducts.</c> and
/// <c>_config</c>, in capitals.
/// </summary>
internal static class EnvironmentEntries
{
    private const string Prefix = "DUCTS_";

    /// <summary>Picks the variables that set options, in the order of their names.</summary>
    /// <param name="environment">All variables.</param>
    /// <param name="userSections">The names of sections in the files that are not built in.</param>
    public static IEnumerable<IniEntry> Read(IEnumerable<KeyValuePair<string, string?>> environment, IEnumerable<string> userSections)
    {
        var sections = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in OptionCatalog.Names.Concat(userSections))
            sections.TryAdd(Short(name), name);
        foreach (var (name, value) in environment.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            var separator = name.IndexOf("__", StringComparison.Ordinal);
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || separator <= Prefix.Length || separator + 2 == name.Length)
                continue;
            var written = Short(name[Prefix.Length..separator]);
            var section = sections.GetValueOrDefault(written) ?? written.ToLowerInvariant();
            yield return new IniEntry(section, name[(separator + 2)..].ToLowerInvariant(), (value ?? "").Trim(), name, 0);
        }
    }

    /// <summary><c>ducts.server_config</c> becomes <c>SERVER</c>, <c>evt_70100_neji_config</c> <c>EVT_70100_NEJI</c>.</summary>
    private static string Short(string section)
    {
        var name = section.Replace('.', '_').ToUpperInvariant();
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
            name = name[Prefix.Length..];
        return name.EndsWith("_CONFIG", StringComparison.Ordinal) ? name[..^"_CONFIG".Length] : name;
    }
}
