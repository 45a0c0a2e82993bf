using System.Runtime.InteropServices;
using Ducts.Telemetry.Logging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>
/// Ends the application cleanly on SIGTERM, SIGINT and SIGQUIT; the same signal once more ends it at once. SIGHUP means
/// a closed terminal in the foreground, and "open the log file anew" in the background, where there is no terminal.
/// </summary>
internal sealed class SignalLifetime(
    IHostApplicationLifetime application, DuctsLoggerProvider log, ILoggerFactory loggers, RunsInBackground background) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly ILogger _logger = loggers.CreateLogger("ducts.server");
    private int _asked;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
            _registrations.Add(PosixSignalRegistration.Create(signal, Stop));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void HangUp(PosixSignalContext context)
    {
        if (background.Value)
        {
            context.Cancel = true;
            log.Reopen();
        }
        else
        {
            Stop(context);
        }
    }

    private void Stop(PosixSignalContext context)
    {
        if (Interlocked.Exchange(ref _asked, 1) != 0)
            return;
        context.Cancel = true;
        ServiceLog.StoppingNotice(_logger, context.Signal.ToString());
        application.StopApplication();
    }
}
