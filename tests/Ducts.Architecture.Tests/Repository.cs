using System.Runtime.CompilerServices;

namespace Ducts.Architecture;

/// <summary>The folders of the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find([CallerFilePath] string here = "") => System.IO.Path.GetFullPath(System.IO.Path.Combine(here, "..", "..", ".."));
}
