using Ducts.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>What the processes of the server and of modules have in common.</summary>
internal static class ServiceHost
{
    public static void AddLog(ILoggingBuilder logging, DuctsOptions options)
    {
        try
        {
            logging.AddDuctsLog(options);
            // The host's own report of a failed start; ours, without a stack trace where none is needed, follows.
            logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
            // An error for each probe while Redis is away; the loss of its connection has been logged once, and the prober knows.
            logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
            // Two lines for each connection that is passed on to another node, and a stack trace where it cannot be; ducts.cluster tells of that in one.
            logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.Critical);
            // That keys lie in their folder as they are, which nobody else may read, and a stack trace for each token that has expired.
            logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
            logging.AddFilter("Microsoft.AspNetCore.Authentication.JwtBearer", LogLevel.Warning);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The log file {options.GetFullPath(options.Log.LogFile)} cannot be opened: {e.Message} Set log_file in [ifconf] to another path.", e);
        }
    }

    public static void LogConfiguration(IServiceProvider services, ServiceConfiguration configuration)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("root");
        var files = string.Join(", ", configuration.Result.Files.Select(static file => $"'{file}'"));
        if (files.Length > 0)
            ServiceLog.Configured(logger, files);
        foreach (var problem in configuration.Result.Problems)
            ServiceLog.ConfigurationProblem(logger, problem.ToString());
        foreach (var note in configuration.Result.Notes)
            ServiceLog.ConfigurationNote(logger, note);
    }

    /// <summary>Starts the application, or says why it does not start.</summary>
    /// <exception cref="CommandException">It did not start.</exception>
    public static async Task StartAsync(IHost host, ServiceConfiguration configuration, ILogger logger)
    {
        try
        {
            await host.StartAsync();
        }
        catch (OperationCanceledException e) when (host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            throw new CommandException($"{configuration.Target.Title} was stopped before it was ready.", e);
        }
        catch (Exception fault)
        {
            var reason = StartFailure.Explain(fault, configuration.Options);
            // A fault that nobody foresaw needs its stack trace.
            if (reason is null)
                ServiceLog.StartFailed(logger, fault);
            throw new CommandException(reason ?? $"{configuration.Target.Title} could not start: {fault.Message}", fault);
        }
    }
}
