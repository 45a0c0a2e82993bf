using System.Diagnostics;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Clients;

/// <summary>The client of npm, as the lock file names it; installed when it is not there.</summary>
internal static class NodePackages
{
    private static readonly string Folder = Repository.OwnPath("node");

    private static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>The client's bundle for browsers.</summary>
    public static async Task<string> BrowserBundleAsync()
    {
        await Installed.Value;
        return Path.Combine(Folder, "node_modules", "@iflb", "ducts-client", "dist", "ducts.js");
    }

    /// <summary>Runs a scenario of <c>node/scenarios.cjs</c> and returns the JSON it prints.</summary>
    public static async Task<System.Text.Json.JsonElement> RunAsync(string scenario, Uri address, params string[] arguments)
    {
        await Installed.Value;
        await using var folder = new WorkingFolder();
        var result = await folder.RunAsync(RequiredProgram.Node, [Path.Combine(Folder, "scenarios.cjs"), scenario, address.AbsoluteUri, .. arguments]);
        Assert.True(result.ExitCode == 0 && result.Output.Length > 0, $"Scenario {scenario}: {result}");
        return System.Text.Json.JsonDocument.Parse(result.Output).RootElement;
    }

    private static async Task InstallAsync()
    {
        // Written last by npm: a folder without it is one whose installation broke off.
        if (File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
            return;
        var start = new ProcessStartInfo(RequiredProgram.Npm, ["ci"]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var npm = Process.Start(start)!;
        var output = npm.StandardOutput.ReadToEndAsync();
        var error = await npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"'npm ci' failed in {Folder}:\n{await output}\n{error}");
    }
}
