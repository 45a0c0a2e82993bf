namespace Ducts.EndToEnd.Processes;

/// <summary>A program that the tests cannot do without; its absence is a failure that says what to install.</summary>
internal static class RequiredProgram
{
    public static string Node => Find("Node.js 20 or later", "apt-get install nodejs npm", "node");

    public static string Npm => Find("npm", "apt-get install nodejs npm", "npm");

    public static string Chromium => Find("Chromium", "apt-get install chromium", "chromium", "chromium-browser", "google-chrome");

    public static string Python => Find("Python 3", "apt-get install python3", "python3");

    public static string Redis => Find("Redis", "apt-get install redis-server", "redis-server", "valkey-server");

    public static string Nginx => Find("nginx", "apt-get install nginx-light", "nginx");

    /// <summary>Gives a program a terminal.</summary>
    public static string Script => Find("script", "apt-get install bsdutils", "script");

    private static string Find(string title, string install, params string[] names)
    {
        // Where Debian puts nginx, which not everybody has on the path.
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin"];
        var candidates = from name in names from folder in folders select Path.Combine(folder, name);
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{title} is needed for the end-to-end tests and is not on PATH. Install it: {install}");
    }
}
