using System.Diagnostics;
using Ducts.Cli.Processes;
using Ducts.Redis;
using Ducts.Scripting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Cli.Hosting;

/// <summary>The process of a module of the user's: its class, with Redis, log and configuration around it.</summary>
internal sealed class ModuleHost(ServiceConfiguration configuration, string statusPath, ReadySignal ready)
{
    private string Name => configuration.Target.Module;

    /// <summary>Runs the module to its end, or until it is told to stop.</summary>
    /// <exception cref="CommandException">It cannot be loaded, or has failed.</exception>
    public async Task RunAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var systemd = new SystemdNotice();
        using var host = Build();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(Name);
        ServiceHost.LogConfiguration(host.Services, configuration);
        var type = await LoadAsync(host.Services);
        await ServiceHost.StartAsync(host, configuration, logger);
        var redis = host.Services.GetRequiredService<IRedisClient>();
        var report = () => new StatusReport(Environment.ProcessId, DuctsServerHost.Version, Stopwatch.GetElapsedTime(started).TotalSeconds, null, null, DuctsApplication.Describe(redis));
        try
        {
            await using (StatusSocket.Open(statusPath, report, logger))
            {
                await using var scope = host.Services.CreateAsyncScope();
                var module = (DuctsModule)ActivatorUtilities.CreateInstance(scope.ServiceProvider, type);
                var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
                using var stopping = lifetime.ApplicationStopping.Register(systemd.Stopping);
                ServiceLog.ModuleStartedNotice(logger, Name);
                systemd.Ready($"module {Name} runs");
                ready.Ready();
                var context = new ModuleContext(redis, logger, configuration.Result.UserSections, scope.ServiceProvider);
                await RunAsync(module, context, logger, lifetime.ApplicationStopping);
            }
        }
        finally
        {
            await host.StopAsync();
        }
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = "ducts",
            ContentRootPath = configuration.Options.Common.DuctsHome,
            EnvironmentName = Environments.Production,
        });
        ServiceHost.AddLog(builder.Logging, configuration.Options);
        builder.Services.AddSingleton(Options.Create(configuration.Options));
        builder.Services.AddSingleton(new RunsInBackground(ready.IsConnected));
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddDuctsRedis();
        return builder.Build();
    }

    private async Task<Type> LoadAsync(IServiceProvider services)
    {
        var home = configuration.Options.Common.DuctsHome;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Ducts.Scripting");
        var loaded = await new ModuleFileLoader(home, logger).LoadAsync(configuration.Options.GetFullPath(Path.Combine("modules", $"{Name}.cs")));
        return loaded.Type ?? throw new CommandException($"Module {Name} cannot be loaded:\n{string.Join('\n', loaded.Problems.Select(static problem => $"  {problem}"))}");
    }

    private async Task<bool> EndsInTimeAsync(Task running, CancellationToken stopping)
    {
        await running.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAny(running, Task.Delay(configuration.Options.WebSocketServer.ShutdownTimeout, CancellationToken.None));
        return running.IsCompleted;
    }

    private async Task RunAsync(DuctsModule module, ModuleContext context, ILogger logger, CancellationToken stopping)
    {
        // On a thread that can be left to it: a module may keep its thread instead of awaiting.
        var running = Task.Run(() => module.RunAsync(context, stopping), CancellationToken.None);
        if (!await EndsInTimeAsync(running, stopping))
        {
            var seconds = configuration.Options.WebSocketServer.ShutdownTimeout.TotalSeconds;
            ServiceLog.ModuleAbandoned(logger, Name, seconds);
            throw new CommandException($"Module {Name} did not end within {seconds} s after it was told to; the process ends without it. Let its RunAsync return when its token is cancelled.");
        }

        try
        {
            await running;
            ServiceLog.ModuleEndedNotice(logger, Name);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            ServiceLog.ModuleEndedNotice(logger, Name);
        }
        catch (Exception fault)
        {
            ServiceLog.ModuleFailed(logger, fault, Name);
            throw new CommandException($"Module {Name} has failed: {fault.Message}", fault);
        }
        finally
        {
            if (module is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
            else
                (module as IDisposable)?.Dispose();
        }
    }
}
