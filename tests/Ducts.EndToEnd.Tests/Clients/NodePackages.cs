using System.Diagnostics;
using Ducts.EndToEnd.Clients;
using Ducts.EndToEnd.Processes;

[assembly: AssemblyFixture(typeof(NodePackages))]

namespace Ducts.EndToEnd.Clients;

/// <summary>The client of npm, as the lock file names it; installed when it is not there.</summary>
public sealed class NodePackages : IAsyncLifetime
{
    private static readonly string Folder = Repository.OwnPath("node");

    public async ValueTask InitializeAsync()
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

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a scenario of <c>node/scenarios.cjs</c> and returns the JSON it prints.</summary>
    internal static async Task<System.Text.Json.JsonElement> RunAsync(string scenario, Uri address)
    {
        await using var folder = new WorkingFolder();
        var result = await folder.RunAsync(RequiredProgram.Node, Path.Combine(Folder, "scenarios.cjs"), scenario, address.AbsoluteUri);
        Assert.True(result.ExitCode == 0 && result.Output.Length > 0, $"Scenario {scenario}: {result}");
        return System.Text.Json.JsonDocument.Parse(result.Output).RootElement;
    }
}
