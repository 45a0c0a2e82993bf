using System.Collections.Concurrent;

namespace Ducts.Telemetry.Logging;

/// <summary>The names of loggers as the log prints them: those of the original where it has the same part.</summary>
internal static class LogCategory
{
    private static readonly ConcurrentDictionary<string, string> Names = new(StringComparer.Ordinal);

    /// <summary>The longest prefix that fits wins; the list is in that order.</summary>
    private static readonly (string Prefix, string Name)[] Prefixes =
    [
        ("Ducts.Hosting", "ducts.server.httpd"),
        ("Ducts.Cli", "ducts.server.httpd"),
        ("Ducts.Redis", "ducts.redis"),
        ("Ducts.Handlers", "ducts.event.manager"),
        ("Ducts.Scripting", "ducts.event.manager"),
        ("Ducts.Dispatch", "ducts.event.manager"),
        ("Ducts.Sessions", "ducts.event.session"),
        ("Ducts.Connections", "ducts.event.session"),
        ("Ducts.BuiltIn", "ducts.event.handlers"),
        ("Ducts.Discovery", "ducts.server.discovery"),
        ("Ducts.WebApis", "ducts.server.webapi"),
    ];

    public static string ToName(string category) => Names.GetOrAdd(category, static key => Find(key));

    private static string Find(string category)
    {
        if (!category.StartsWith("Ducts.", StringComparison.Ordinal))
            return category;
        foreach (var (prefix, name) in Prefixes)
        {
            if (category.StartsWith(prefix, StringComparison.Ordinal) && (category.Length == prefix.Length || category[prefix.Length] is '.' or '+'))
                return name;
        }
        return category.ToLowerInvariant();
    }
}
