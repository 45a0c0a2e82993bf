using System.Diagnostics;
using System.Globalization;

namespace Ducts.Load;

/// <summary>
/// Paced sessions that call far above their rate, in a process of their own: what they do stands for other machines, so they must
/// not use the threads with which the honest ones measure. Each reads what has come when it calls again.
/// </summary>
internal static class GreedyCalls
{
    public const string Argument = "greedy";
    public const string Ready = "ready";
    public const string Start = "start";
    public const string Stop = "stop";

    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs the process: it is told on its input when to start and to stop, and then writes what was sent and answered.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        var (port, count, perSecond) = (Parse(arguments[0]), Parse(arguments[1]), Parse(arguments[2]));
        using var sessions = await PacedSessions.OpenAsync((int)port, Argument, (int)count, perSecond);
        // Console.In would wait for a line where it is asked for one.
        using var input = new StreamReader(Console.OpenStandardInput());
        await Console.Out.WriteLineAsync(Ready);
        var command = input.ReadLineAsync();
        while (await WaitAsync(sessions, command) == Start)
        {
            command = input.ReadLineAsync();
            await Console.Out.WriteLineAsync(Call(sessions, command));
            command = input.ReadLineAsync();
        }
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    // Pings are answered meanwhile.
    private static async Task<string?> WaitAsync(PacedSessions sessions, Task<string?> command)
    {
        while (await Task.WhenAny(command, Task.Delay(Idle)) != command)
        {
            Read(sessions);
        }

        return await command;
    }

    private static string Call(PacedSessions sessions, Task<string?> stop)
    {
        var answers = new Answers();
        foreach (var connection in sessions.Connections)
        {
            connection.Ended = answers.Add;
        }

        long sent = 0;
        var started = Stopwatch.GetTimestamp();
        sessions.Start();
        while (!stop.IsCompleted)
        {
            var (session, _) = sessions.WaitForNext();
            sessions.Connections[session].ReceiveAvailable();
            sessions.Send(session);
            sent++;
        }

        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        for (var waiting = Stopwatch.GetTimestamp(); answers.All < sent && Stopwatch.GetElapsedTime(waiting) < Patience;)
        {
            Read(sessions);
            Thread.Sleep(1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{sent} {answers.Echoes} {answers.Refusals} {sent - answers.Echoes - answers.Refusals} {elapsed}");
    }

    private static void Read(PacedSessions sessions)
    {
        foreach (var connection in sessions.Connections)
        {
            connection.ReceiveAvailable();
        }
    }
}
