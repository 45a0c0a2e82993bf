namespace Ducts.Discovery;

/// <summary>Tells whether a file lies in a folder as the file system has it: a link in the folder may lead anywhere.</summary>
internal static class LinkGuard
{
    // As the file system itself counts them, before it calls them a circle.
    private const int MaxLinks = 40;

    /// <summary>Returns whether a path below a folder leads to something in that folder, and to nothing hidden in it.</summary>
    /// <param name="folder">The folder, which may itself be a link.</param>
    /// <param name="path">A full path below it.</param>
    public static bool IsInside(string folder, string path) => Follow(folder, path) is not null;

    /// <summary>Returns where a path below a folder leads, the path itself where no link is in it; null where that is outside or hidden.</summary>
    /// <param name="folder">The folder, which may itself be a link.</param>
    /// <param name="path">A full path below it.</param>
    public static string? Follow(string folder, string path)
    {
        var (root, full) = (folder.TrimEnd(Path.DirectorySeparatorChar), path.TrimEnd(Path.DirectorySeparatorChar));
        if (!HasLink(root, full))
        {
            return path;
        }

        return Resolve(root) is { } realRoot && Resolve(full) is { } target && IsBelow(realRoot, target) ? target : null;
    }

    private static bool IsBelow(string root, string target)
    {
        if (!target.StartsWith(root, PathComparison))
        {
            return false;
        }

        var below = target[root.Length..];
        return (below.Length == 0 || below[0] == Path.DirectorySeparatorChar || Path.EndsInDirectorySeparator(root))
            && !below.Split(Path.DirectorySeparatorChar).Any(static part => part.StartsWith('.'));
    }

    private static StringComparison PathComparison => OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private static bool HasLink(string folder, string path)
    {
        var end = folder.Length;
        while (end < path.Length)
        {
            end = path.IndexOf(Path.DirectorySeparatorChar, end + 1);
            if (end < 0)
            {
                end = path.Length;
            }

            if (IsLink(path[..end]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLink(string path) => new FileInfo(path) is { LinkTarget: not null };

    /// <summary>Returns the path without links; null where they go in a circle.</summary>
    private static string? Resolve(string path)
    {
        var links = 0;
        var resolved = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path).Reverse());
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                resolved = Path.GetDirectoryName(resolved) ?? resolved;
                continue;
            }

            var next = Path.Combine(resolved, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            if (Path.IsPathRooted(target))
            {
                resolved = Path.GetPathRoot(target)!;
            }

            foreach (var piece in Parts(target).Reverse())
            {
                rest.Push(piece);
            }
        }

        return resolved;
    }

    private static IEnumerable<string> Parts(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(static part => part != ".");
}
