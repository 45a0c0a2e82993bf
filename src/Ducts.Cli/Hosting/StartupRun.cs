using Ducts.Scripting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>Runs <c>startup.cs</c> of the handler folder, which adds what it wants to the application before that is built.</summary>
internal sealed class StartupRun
{
    private readonly DeferredLog _log;

    private StartupRun(LoadedStartup file, DeferredLog log)
    {
        File = file;
        _log = log;
    }

    public LoadedStartup File { get; }

    /// <summary>Compiles the file, if there is one.</summary>
    /// <exception cref="CommandException">It has problems; the message has a line for each.</exception>
    public static async Task<StartupRun> LoadAsync(DuctsOptions options)
    {
        var log = new DeferredLog();
        var file = await new StartupFileLoader(options.Common.DuctsHome, log).LoadAsync(options.GetFullPath(options.Event.LocalPathHandler));
        return file.Problems.Count == 0
            ? new StartupRun(file, log)
            : throw new CommandException($"The server was not started, its startup file has errors:\n{string.Join('\n', file.Problems.Select(static problem => $"  {problem}"))}");
    }

    /// <summary>Runs the file. Call it behind all that the command adds itself, so that what the file says holds.</summary>
    /// <exception cref="CommandException">It has thrown an exception.</exception>
    public void Configure(WebApplicationBuilder builder, ServiceConfiguration configuration)
    {
        builder.Services.AddSingleton(File);
        if (File.Assembly is null)
        {
            return;
        }

        builder.Configuration.AddConfiguration(configuration.Result.UserSections);
        Guard(() => File.Configure(builder), configuration);
    }

    /// <summary>Builds the application; what the file has added may keep it from that.</summary>
    /// <exception cref="CommandException">It cannot be built.</exception>
    public WebApplication Build(WebApplicationBuilder builder, ServiceConfiguration configuration)
    {
        WebApplication? app = null;
        if (File.Assembly is null)
        {
            app = builder.Build();
        }
        else
        {
            Guard(() => app = builder.Build(), configuration);
        }

        _log.WriteTo(app!.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ducts.event.manager"));
        return app;
    }

    private static void Guard(Action action, ServiceConfiguration configuration)
    {
        try
        {
            action();
        }
        catch (Exception fault)
        {
            // There is no log yet that could take the stack trace.
            var details = configuration.Target.Verbose ? $"\n{fault.InnerException ?? fault}" : " More with -v.";
            throw new CommandException($"The server was not started: {fault.Message.TrimEnd('.')}.{details}", fault);
        }
    }
}
