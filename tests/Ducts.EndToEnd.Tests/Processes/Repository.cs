using System.Reflection;

namespace Ducts.EndToEnd.Processes;

/// <summary>Where the tests find the project's files.</summary>
internal static class Repository
{
    private static readonly string Root =
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static entry => entry.Key == "Repository").Value!;

    /// <summary>The command, as the build puts it beside the tests.</summary>
    public static string Ducts { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "ducts");

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    /// <summary>A file or folder of this project.</summary>
    public static string OwnPath(string relative) => Path(System.IO.Path.Combine("tests", "Ducts.EndToEnd.Tests", relative));

    public static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(from, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
