using System.Runtime.CompilerServices;

namespace Ducts.Docs;

/// <summary>The repository's files, and which of them are documents.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Gets the documents, by their paths in the repository.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
        .. Directory.GetFiles(Path("docs"), "*.md", SearchOption.AllDirectories)
            .Select(static file => System.IO.Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static string Path(params string[] parts) => System.IO.Path.GetFullPath(System.IO.Path.Combine([Root, .. parts]));

    private static string Find([CallerFilePath] string here = "") => System.IO.Path.GetFullPath(System.IO.Path.Combine(here, "..", "..", ".."));
}
