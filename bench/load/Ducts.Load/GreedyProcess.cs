using System.Diagnostics;
using System.Globalization;

namespace Ducts.Load;

/// <summary>The process of the <see cref="GreedyCalls"/>.</summary>
internal sealed class GreedyProcess : IAsyncDisposable
{
    private readonly Process _process;

    private GreedyProcess(Process process) => _process = process;

    /// <summary>Starts it and waits until its sessions are open.</summary>
    public static async Task<GreedyProcess> StartAsync(int port, int sessions, double perSecond)
    {
        // Its work is that of other machines: at low priority it takes no processor from the server or from who measures.
        string[] arguments =
        [
            "-n", "19", "dotnet", typeof(GreedyProcess).Assembly.Location, GreedyCalls.Argument,
            port.ToString(CultureInfo.InvariantCulture), sessions.ToString(CultureInfo.InvariantCulture), perSecond.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo("nice", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var greedy = new GreedyProcess(Process.Start(start) ?? throw new InvalidOperationException("nice did not start"));
        if (await greedy.ReadAsync() != GreedyCalls.Ready)
        {
            await greedy.DisposeAsync();
            throw new InvalidOperationException("the greedy sessions did not open");
        }

        return greedy;
    }

    public Task StartCallingAsync() => WriteAsync(GreedyCalls.Start);

    /// <summary>Stops the calls, and waits for the answers to those that were sent.</summary>
    public async Task<GreedyPhase> StopCallingAsync()
    {
        await WriteAsync(GreedyCalls.Stop);
        var numbers = (await ReadAsync() ?? throw new InvalidOperationException("the greedy sessions have ended")).Split(' ');
        var counts = numbers[..^1].Select(static number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new GreedyPhase(counts[0], counts[1], counts[2], counts[3], double.Parse(numbers[^1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WriteAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    private Task<string?> ReadAsync() => _process.StandardOutput.ReadLineAsync();
}
