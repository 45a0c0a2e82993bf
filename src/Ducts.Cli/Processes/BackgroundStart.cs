using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Ducts.Cli.Commands;

namespace Ducts.Cli.Processes;

/// <summary>Starts this program once more, as <c>run</c>, away from the terminal, and waits until it is ready.</summary>
internal static class BackgroundStart
{
    public const string PipeOption = "--ready-pipe";

    /// <summary>Longer than a start takes that fetches no packages and loads no large database.</summary>
    private static readonly TimeSpan UsualDuration = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(ModuleTarget target, TextWriter error)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        // Standard output and error are inherited: the log goes on to where this command's output went.
        using var process = Process.Start(Describe(target, pipe.GetClientHandleAsString()))
            ?? throw new CommandException($"{target.Title} could not be started.");
        pipe.DisposeLocalCopyOfClientHandle();
        // A start that is broken off takes the process with it.
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            _ = Native.Kill(process.Id, Native.SigTerm);
        });

        var answer = await ReadAsync(pipe, process, () => error.WriteLineAsync(
            $"{target.Title}, process {process.Id}, is not ready yet; its log says what it is doing. Ctrl-C ends it."));
        if (answer.StartsWith(ReadySignal.ReadyLine, StringComparison.Ordinal))
            return ExitCode.Success;
        // Looked at, too: now and then the end of a process that has been waited for before is told to nobody.
        var exit = process.WaitForExitAsync();
        while (!process.HasExited)
            await Task.WhenAny(exit, Task.Delay(LookInterval));
        throw new CommandException(answer.StartsWith(ReadySignal.FailedLine, StringComparison.Ordinal)
            ? answer[ReadySignal.FailedLine.Length..].Trim()
            : $"{target.Title} ended with code {process.ExitCode} before it was ready; the lines above, or its log file, say why.");
    }

    /// <summary>Everything the process says, until it is ready, has failed or has ended.</summary>
    private static async Task<string> ReadAsync(AnonymousPipeServerStream pipe, Process process, Func<Task> tellSlow)
    {
        var begin = TimeProvider.System.GetTimestamp();
        var isTold = false;
        var text = new StringBuilder();
        var buffer = new byte[1024];
        using var ended = new CancellationTokenSource();
        var exit = process.WaitForExitAsync(ended.Token);
        while (true)
        {
            var read = pipe.ReadAsync(buffer).AsTask();
            // A process that has ended is noticed even where nobody is woken for it, and a start that hangs is told of.
            while (await Task.WhenAny(read, exit, Task.Delay(LookInterval, ended.Token)) is var first && first != read && first != exit && !process.HasExited)
            {
                if (!isTold && TimeProvider.System.GetElapsedTime(begin) > UsualDuration)
                {
                    isTold = true;
                    await tellSlow();
                }
            }

            // Elsewhere than on Linux a grandchild may hold the pipe open when the process has ended; and on a busy machine its
            // last words may be read later than its end is noticed.
            if (!read.IsCompleted)
            {
                await Task.WhenAny(read, Task.Delay(LastWordsPatience, CancellationToken.None));
            }

            if (!read.IsCompletedSuccessfully || await read is var count && count == 0)
                break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            if (text.ToString().StartsWith(ReadySignal.ReadyLine, StringComparison.Ordinal))
                break;
        }
        await ended.CancelAsync();
        return text.ToString();
    }

    private static ProcessStartInfo Describe(ModuleTarget target, string pipe)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        // Run as "dotnet ducts.dll", the program's own path is the first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        start.ArgumentList.Add(target.Module);
        start.ArgumentList.Add("run");
        start.ArgumentList.Add(PipeOption);
        start.ArgumentList.Add(pipe);
        if (target.Files.Count > 0)
        {
            start.ArgumentList.Add("--config");
            start.ArgumentList.Add(string.Join(Path.PathSeparator, target.Files));
        }
        if (target.Verbose)
            start.ArgumentList.Add("--verbose");
        if (target.Watch)
            start.ArgumentList.Add("--watch");
        return start;
    }
}
