using System.Diagnostics;
using System.Net;
using System.Reflection;
using Ducts.Cli.Identity;
using Ducts.Cli.Processes;
using Ducts.Cli.Tls;
using Ducts.Configuration;
using Ducts.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>The server's process: a bare web application with the configuration's options, and its standing in the system.</summary>
internal sealed class DuctsServerHost(ServiceConfiguration configuration, string statusPath, ReadySignal ready)
{
    /// <summary>For what is left when the running requests had their time: sockets, Redis, the log.</summary>
    private static readonly TimeSpan Cleanup = TimeSpan.FromSeconds(1.5);

    private DuctsOptions Options => configuration.Options;

    /// <summary>The version as the assembly has it, without the commit.</summary>
    public static string Version =>
        typeof(DuctsServerHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public async Task RunAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var systemd = new SystemdNotice();
        using var certificate = OpenCertificate();
        var startup = await StartupRun.LoadAsync(Options);
        await using var app = Build(certificate, startup);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ducts.Hosting.DuctsServerHost");
        ServiceHost.LogConfiguration(app.Services, configuration);
        await ServiceHost.StartAsync(app, configuration, logger);

        certificate?.Watch(logger);
        RefuseUnknownSections(app.Services, startup, logger);

        var address = Address(app);
        ServiceLog.StartedNotice(logger, address.Host, address.Port);
        await using (StatusSocket.Open(statusPath, () => Report(app.Services, address, started), logger))
        {
            using var stopping = app.Lifetime.ApplicationStopping.Register(systemd.Stopping);
            systemd.Ready($"listening on port {address.Port}");
            ready.Ready();
            await app.WaitForShutdownAsync();
        }
    }

    private CertificateStore? OpenCertificate()
    {
        try
        {
            return CertificateFiles.Of(Options) is { } files ? CertificateStore.Open(files, TimeProvider.System) : null;
        }
        catch (CertificateException fault)
        {
            throw new CommandException($"The server was not started, its certificate cannot be used:\n  [ducts.tls_config] {fault.Message}", fault);
        }
    }

    private WebApplication Build(CertificateStore? certificate, StartupRun startup)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "ducts",
            ContentRootPath = Options.Common.DuctsHome,
            EnvironmentName = Environments.Production,
        });
        ServiceHost.AddLog(builder.Logging, Options);
        builder.WebHost.UseKestrelCore();
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, certificate));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(new RunsInBackground(ready.IsConnected));
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddHostedService<MemoryReturn>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Options.WebSocketServer.ShutdownTimeout + Cleanup);
        DuctsApplication.Add(builder, configuration);
        startup.Configure(builder, configuration);
        IdentityServices.MakeKeysLazily(builder.Services);
        var app = startup.Build(builder, configuration);
        IdentityServices.Use(app, Options);
        DuctsApplication.Map(app);
        return app;
    }

    private void RefuseUnknownSections(IServiceProvider services, StartupRun startup, ILogger logger)
    {
        var unknown = DuctsApplication.FindUnknownSections(services, startup.File, configuration);
        foreach (var problem in unknown)
            ServiceLog.ConfigurationProblem(logger, problem.ToString());
        if (unknown.FirstOrDefault(static problem => problem.Severity == ConfigSeverity.Error) is { } error)
            throw new CommandException($"The server was not started, its configuration has errors:\n  {error}");
    }

    private void Listen(KestrelServerOptions kestrel, CertificateStore? certificate)
    {
        kestrel.AddServerHeader = false;
        if (IPAddress.TryParse(Options.Server.HttpdAddr, out var address))
        {
            kestrel.Listen(address, Options.Server.HttpdPort, Secure);
        }
        else if (Options.Server.HttpdPort == 0)
        {
            // The system chooses a port for one address; it need not be free at the other that localhost is.
            kestrel.Listen(IPAddress.Loopback, 0, Secure);
        }
        else
        {
            kestrel.ListenLocalhost(Options.Server.HttpdPort, Secure);
        }

        void Secure(ListenOptions listen)
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate.Handshake);
            }
        }
    }

    /// <summary>The address as configured, with the port that a 0 has become.</summary>
    private (string Host, int Port) Address(WebApplication app)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return (Options.Server.HttpdAddr, bound is null ? Options.Server.HttpdPort : BindingAddress.Parse(bound).Port);
    }

    private StatusReport Report(IServiceProvider services, (string Host, int Port) address, long started) => new(
        Environment.ProcessId,
        Version,
        Stopwatch.GetElapsedTime(started).TotalSeconds,
        $"{(Options.Tls.Certificate.Length == 0 ? "http" : "https")}://{(address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host)}:{address.Port}/",
        DuctsApplication.CountSessions(services),
        DuctsApplication.Describe(services.GetRequiredService<IRedisClient>()));
}
