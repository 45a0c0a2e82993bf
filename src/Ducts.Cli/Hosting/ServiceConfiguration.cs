using System.Collections;
using Ducts.Cli.Commands;
using Ducts.Configuration;

namespace Ducts.Cli.Hosting;

/// <summary>A module's configuration, with what the command line adds.</summary>
internal sealed class ServiceConfiguration
{
    private ServiceConfiguration(ModuleTarget target, DuctsConfigurationResult result)
    {
        Target = target;
        Result = result;
        PidPath = result.Options.GetFullPath(result.Options.Common.Pidpath
            .Replace("{ducts_home}", result.Options.Common.DuctsHome, StringComparison.Ordinal)
            .Replace("{module}", target.Module, StringComparison.Ordinal)
            .Replace("{service}", "ducts", StringComparison.Ordinal));
    }

    public ModuleTarget Target { get; }

    public DuctsConfigurationResult Result { get; }

    public DuctsOptions Options => Result.Options;

    public string PidPath { get; }

    /// <summary>The configuration to start with.</summary>
    /// <exception cref="CommandException">It has errors; the message has a line for each.</exception>
    public static ServiceConfiguration Load(ModuleTarget target)
    {
        var configuration = LoadLeniently(target);
        if (configuration.Result.HasErrors)
        {
            var errors = configuration.Result.Problems.Where(static problem => problem.Severity == ConfigSeverity.Error);
            throw new CommandException($"{target.Title} was not started, its configuration has errors:\n{string.Join('\n', errors.Select(static error => $"  {error}"))}");
        }
        if (ConfigurationFiles.FindMissingHome(configuration.Options) is { } missing)
        {
            throw new CommandException($"{target.Title} was not started, its configuration has errors:\n  {missing}");
        }

        return configuration;
    }

    /// <summary>The configuration to find a running process with: an error in it must not keep anybody from stopping one.</summary>
    public static ServiceConfiguration LoadLeniently(ModuleTarget target)
    {
        if (target.Files.FirstOrDefault(static file => !File.Exists(file) && !Directory.Exists(file)) is { } missing)
            throw new CommandException($"{missing}: no such file.");
        var result = DuctsConfiguration.Load(target.Files, target.Module, ReadEnvironment());
        if (target.Verbose)
            result.Options.Log.LogLevel = DuctsLogLevel.Debug;
        if (target.Watch)
            result.Options.Event.Reload = true;
        return new ServiceConfiguration(target, result);
    }

    public static IEnumerable<KeyValuePair<string, string?>> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(static entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value));
}
