using System.Collections.Frozen;

namespace Ducts.Scripting.Compiling;

/// <summary>
/// The assemblies of the running process: .NET, ASP.NET Core, this project, and the application that hosts it.
/// Handlers may use all of them but the compiler.
/// </summary>
internal static class PlatformAssemblies
{
    /// <summary>Full paths, the compiler's too.</summary>
    public static IReadOnlyList<string> All { get; } = List();

    /// <summary>Full paths of those that handlers may use.</summary>
    public static IReadOnlyList<string> Paths { get; } = All.Where(static path => !IsCompiler(path)).ToArray();

    /// <summary><see cref="Paths"/> by simple name.</summary>
    public static FrozenDictionary<string, string> ByName { get; } =
        Paths.ToFrozenDictionary(static path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The folder of the installed frameworks, each in a folder named after its version, so that a path in it says
    /// which version that is. Null where .NET is part of the application.
    /// </summary>
    public static string? SharedFolder { get; } = FindSharedFolder();

    private static string? FindSharedFolder()
    {
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location)));
        return Path.GetFileName(shared) == "shared" ? shared + Path.DirectorySeparatorChar : null;
    }

    private static string[] List()
    {
        var all = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        return all.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(static path => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            .DistinctBy(static path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal)
            .ToArray();
    }

    private static bool IsCompiler(string path) =>
        Path.GetFileName(path.AsSpan()).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal);
}
