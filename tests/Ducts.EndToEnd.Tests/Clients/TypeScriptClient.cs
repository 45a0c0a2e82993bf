using System.Diagnostics;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Clients;

/// <summary>The TypeScript client, built from its sources.</summary>
internal static class TypeScriptClient
{
    public static Lazy<Task> Built { get; } = new(BuildAsync);

    private static async Task BuildAsync()
    {
        if (!File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
            await NpmAsync("ci");
        await NpmAsync("run", "build");
    }

    private static string Folder => Repository.Path("clients/js");

    private static async Task NpmAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(RequiredProgram.Npm, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var npm = Process.Start(start)!;
        var output = npm.StandardOutput.ReadToEndAsync();
        var error = await npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"'npm {string.Join(' ', arguments)}' failed in {Folder}:\n{await output}\n{error}");
    }
}
