using System.CommandLine;
using System.Net;
using Ducts.Configuration;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts new</c>: a working folder with a page that talks to a handler. What exists is never overwritten.</summary>
internal static class NewCommand
{
    private const string ResourcePrefix = "new/";

    /// <summary>A file of its real name would take effect in this project.</summary>
    private static readonly Dictionary<string, string> RealNames = new(StringComparer.Ordinal)
    {
        ["gitignore"] = ".gitignore",
        ["handler/handlers.csproj.txt"] = "handler/handlers.csproj",
    };

    public static Command Create(SharedOptions shared)
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where; it is made if need be.", DefaultValueFactory = static _ => "." };
        var https = new Option<bool>("--https") { Description = "Make a certificate for development, too, and serve HTTPS with it." };
        var command = new Command("new", "Makes a working folder: a page, two handlers, a configuration file.") { folder, https };
        command.SetAction(parsed =>
        {
            shared.Enter(parsed);
            return Make(parsed.GetValue(folder)!, parsed.GetValue(https), parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    private static int Make(string folder, bool https, TextWriter output)
    {
        try
        {
            foreach (var (path, content) in Files())
                Put(folder, path, https ? HttpsFiles.Configure(path, content) : content, output);
            if (https)
            {
                HttpsFiles.Put(folder, output);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"{folder} cannot be filled: {e.Message}", e);
        }
        output.WriteLine();
        output.WriteLine("Start it:");
        if (folder != ".")
            output.WriteLine($"  cd {(folder.Contains(' ', StringComparison.Ordinal) ? $"\"{folder}\"" : folder)}");
        output.WriteLine("  ducts server start");
        output.WriteLine($"and open {(https ? "https" : "http")}://localhost:{new DuctsServerOptions().HttpdPort}/ in a browser.");
        output.WriteLine("Only this machine can open it. To let others: httpd_addr = 0.0.0.0 in config_server.ini.");
        return ExitCode.Success;
    }

    private static IEnumerable<(string Path, string Content)> Files()
    {
        var configuration = new StringWriter { NewLine = "\n" };
        ConfigTemplate.TryWrite(configuration, "");
        yield return ("config_server.ini", OnThisMachineOnly(configuration.ToString()));
        var assembly = typeof(NewCommand).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var path = name[ResourcePrefix.Length..].Replace('\\', '/');
            yield return (RealNames.GetValueOrDefault(path, path), reader.ReadToEnd().Replace("{ducts_folder}", Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), StringComparison.Ordinal));
        }
    }

    /// <summary>Nobody else is to reach a server whose owner has not looked at it yet.</summary>
    private static string OnThisMachineOnly(string configuration)
    {
        var line = $"# httpd_addr = {new DuctsServerOptions().HttpdAddr}\n";
        return configuration.Replace(
            line,
            $"{line}# Only this machine can open the server. For other machines, too: 0.0.0.0\nhttpd_addr = {IPAddress.Loopback}\n",
            StringComparison.Ordinal);
    }

    private static void Put(string folder, string path, string content, TextWriter output)
    {
        var target = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        try
        {
            using var file = new StreamWriter(new FileStream(target, FileMode.CreateNew, FileAccess.Write));
            file.Write(content);
        }
        catch (IOException) when (File.Exists(target))
        {
            output.WriteLine($"kept     {target}, which is there already");
            return;
        }
        output.WriteLine($"created  {target}");
    }
}
