using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Ducts.Cli.Commands;
using Ducts.Cli.Processes;

namespace Ducts.Cli.Hosting;

/// <summary><c>status</c>: asks the running process how it is.</summary>
internal static class ServiceStatus
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(ModuleTarget target, TextWriter output)
    {
        var configuration = ServiceConfiguration.LoadLeniently(target);
        if (PidFile.FindRunning(configuration.PidPath) is not { } running)
        {
            await output.WriteLineAsync($"{target.Title} does not run.");
            return ExitCode.NotRunning;
        }
        // Whoever made a socket of another owner would have a word in what is printed.
        var report = StatusSocketPath.IsOf(running.Socket, running.Facts.Owner) ? await AskAsync(running.Socket) : null;
        if (report is null)
        {
            await output.WriteLineAsync($"{target.Title} runs as process {running.Process.Pid}, but does not answer: it starts or stops, or hangs.");
            return ExitCode.Success;
        }
        await output.WriteLineAsync($"{target.Title} runs.");
        await output.WriteLineAsync($"pid       {report.Pid}");
        if (report.Address is not null)
            await output.WriteLineAsync($"address   {report.Address}");
        await output.WriteLineAsync($"uptime    {Uptime(TimeSpan.FromSeconds(report.Uptime))}");
        if (report.Sessions is { } sessions)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"sessions  {sessions}"));
        await output.WriteLineAsync($"redis     {report.Redis}");
        await output.WriteLineAsync($"version   {report.Version}");
        return ExitCode.Success;
    }

    internal static string Uptime(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.Days} d {time.Hours} h",
        { TotalHours: >= 1 } => $"{time.Hours} h {time.Minutes} min",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{time.Seconds} s",
    };

    private static async Task<StatusReport?> AskAsync(string path)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token);
            await using var stream = new NetworkStream(socket);
            return await JsonSerializer.DeserializeAsync(stream, StatusReportJson.Default.StatusReport, patience.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException or OperationCanceledException or ArgumentException)
        {
            return null;
        }
    }
}
