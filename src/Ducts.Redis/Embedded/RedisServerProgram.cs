namespace Ducts.Redis.Embedded;

/// <summary>Finds programs on PATH.</summary>
internal static class RedisServerProgram
{
    /// <summary>The path of redis-server or valkey-server.</summary>
    /// <exception cref="RedisServerNotFoundException">There is neither.</exception>
    public static string Find() => OnPath("redis-server") ?? OnPath("valkey-server") ?? throw new RedisServerNotFoundException();

    public static string? OnPath(string name)
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(folder, name);
            if (IsExecutable(path))
            {
                return path;
            }
        }

        return null;
    }

    private static bool IsExecutable(string path)
    {
        if (!File.Exists(path) || OperatingSystem.IsWindows())
        {
            return File.Exists(path);
        }

        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return File.Exists(target)
            && (File.GetUnixFileMode(target) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
    }
}
