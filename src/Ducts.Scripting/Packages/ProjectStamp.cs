using System.Security.Cryptography;
using System.Xml.Linq;
using System.Xml;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Caching;
using Ducts.Scripting.Files;

namespace Ducts.Scripting.Packages;

/// <summary>The content of a project's files, and of the projects it refers to, without evaluating it.</summary>
internal static class ProjectStamp
{
    // Beyond it a file is no source; data beside a project need not be read at each start.
    private const long LargestSource = 1024 * 1024;

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    public static void Append(IncrementalHash hash, string project) => Append(hash, project, new HashSet<string>(StringComparer.Ordinal));

    private static void Append(IncrementalHash hash, string project, HashSet<string> seen)
    {
        if (!seen.Add(project) || !File.Exists(project) || !FileFacts.IsRegular(project))
        {
            return;
        }

        var folder = Path.GetDirectoryName(project)!;
        foreach (var path in Directory.EnumerateFiles(folder, "*", Everything).Where(path => IsSource(folder, path)).Order(StringComparer.Ordinal))
        {
            CacheKey.Append(hash, path);
            if (new FileInfo(path) is not { Exists: true, Length: <= LargestSource } || !ContentHash.TryAppend(hash, path))
            {
                CacheKey.AppendStamp(hash, path);
            }
        }

        foreach (var reference in References(project))
        {
            Append(hash, Path.GetFullPath(reference.Replace('\\', '/'), folder), seen);
        }
    }

    private static bool IsSource(string folder, string path)
    {
        var parts = Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar);
        return !parts.Any(static part => part is "bin" or "obj" or "artifacts" or "node_modules" || part.StartsWith('.'));
    }

    private static string[] References(string project)
    {
        try
        {
            return XDocument.Load(project).Descendants()
                .Where(static element => element.Name.LocalName == "ProjectReference")
                .Select(static element => element.Attribute("Include")?.Value ?? "")
                .Where(static include => include.Length > 0)
                .ToArray();
        }
        catch (XmlException)
        {
            // The build will say what is wrong with it.
            return [];
        }
    }
}
