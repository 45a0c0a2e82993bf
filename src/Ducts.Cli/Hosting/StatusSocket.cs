using System.Net.Sockets;
using System.Text.Json;
using Ducts.Cli.Processes;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>A Unix socket that answers each connection with the state of this process, as one line of JSON.</summary>
// Threading: one accept loop; connections are answered one after the other, each within a bounded time.
internal sealed class StatusSocket : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    private StatusSocket(Socket listener, Func<StatusReport> report)
    {
        _listener = listener;
        _loop = Task.Run(() => AnswerAsync(report));
    }

    /// <summary>Listens; null, with a warning, where that is impossible: the status is not worth a server.</summary>
    public static StatusSocket? Open(string path, Func<StatusReport> report, ILogger logger)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (StatusSocketPath.Prepare(path) is { } problem)
            {
                listener.Dispose();
                ServiceLog.StatusUnavailable(logger, path, problem);
                return null;
            }

            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
            return new StatusSocket(listener, report);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            listener.Dispose();
            ServiceLog.StatusUnavailable(logger, path, e.Message);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(Func<StatusReport> report)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var connection = await _listener.AcceptAsync(_stopping.Token);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                patience.CancelAfter(AnswerTimeout);
                await connection.SendAsync(JsonSerializer.SerializeToUtf8Bytes(report(), StatusReportJson.Default.StatusReport), patience.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The asker has gone, or the server stops.
            }
        }
    }
}
