namespace Ducts.Scripting.Files;

/// <summary>The file of a handler folder that sets up the application, and is none of the handlers' own.</summary>
internal static class StartupFile
{
    public const string Name = "startup.cs";

    private static readonly EnumerationOptions AnyCase = new() { MatchCasing = MatchCasing.CaseInsensitive, AttributesToSkip = FileAttributes.None };

    /// <summary>Whether a file of the folder is it. Case does not matter: .NET's projects write Startup.cs.</summary>
    public static bool Is(string folder, string path) =>
        Path.GetFileName(path.AsSpan()).Equals(Name, StringComparison.OrdinalIgnoreCase)
        && Path.GetDirectoryName(path.AsSpan()).SequenceEqual(folder);

    /// <summary>Finds it: no file, one, or those that differ in case only, sorted.</summary>
    public static IReadOnlyList<string> Find(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, Name, AnyCase).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Those who read the folder for its handlers find the same, and say it.
            return [];
        }
    }

    /// <summary>Returns a value that changes with the file's content; empty where there is none.</summary>
    public static string Fingerprint(string folder) =>
        string.Concat(Find(folder).Select(static path => SourceFile.Read(path, isRoot: true).Hash));
}
