using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>
/// Messages as fast as they are taken, good, unknown and malformed ones, on connections that are read and opened anew when they are
/// closed. In a process of its own, for what it does must not use the threads with which others measure.
/// </summary>
internal static class MessageFlood
{
    public const string Argument = "flood";

    private const int Connections = 4;
    private const int MessagesPerBatch = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs the process, and waits until all has been sent.</summary>
    /// <returns>How many connections were refused, and how many messages came back.</returns>
    public static async Task<(int Refused, int Answered)> SendAsync(int port, int count)
    {
        // Its work is that of other machines: at low priority it takes no processor from the server or from who measures.
        string[] arguments =
        [
            "-n", "19", "dotnet", typeof(MessageFlood).Assembly.Location, Argument,
            port.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture),
        ];
        using var process = Process.Start(new ProcessStartInfo("nice", arguments) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("nice did not start");
        var said = (await process.StandardOutput.ReadToEndAsync()).Split(' ');
        await process.WaitForExitAsync();
        return (Parse(said[0]), Parse(said[1]));
    }

    /// <summary>Is the process.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        var (port, count) = (Parse(arguments[0]), Parse(arguments[1]));
        var dialect = Dialect.For(ServerKind.Ducts, new Scenario("flood", ScenarioKind.Echo, 1, 1));
        var sent = await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(() => SendAsync(port, dialect, new Random(i), count / Connections))));
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{sent.Sum(static one => one.Refused)} {sent.Sum(static one => one.Answered)}"));
    }

    private static int Parse(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<(int Refused, int Answered)> SendAsync(int port, Dialect dialect, Random random, int count)
    {
        var (refused, answered) = (0, 0);
        for (var sent = 0; sent < count;)
        {
            LoadConnection connection;
            try
            {
                connection = await LoadConnection.OpenAsync(port, dialect, bufferSize: 64 * 1024);
            }
            catch (Exception exception) when (exception is IOException or SocketException or HttpRequestException)
            {
                refused++;
                await Task.Delay(Pause);
                continue;
            }

            var reading = ReadAsync(connection);
            try
            {
                for (; sent < count && !reading.IsCompleted; sent += MessagesPerBatch)
                    await connection.SendAsync(Batch(random));
            }
            catch (SocketException)
            {
                // Closed for what was malformed.
            }

            connection.Dispose();
            answered += await reading;
        }

        return (refused, answered);
    }

    private static byte[] Batch(Random random)
    {
        byte[][] good = [PackedDialect.Call(1, 1000, 1), PackedDialect.Call(2, 77_777, 1), PackedDialect.Call(3, 6, 1), PackedDialect.Call(4, 1003, 3)];
        var batch = new MemoryStream();
        for (var i = 0; i < MessagesPerBatch; i++)
        {
            var frame = good[random.Next(good.Length)];
            if (random.Next(1000) == 0)
                frame = [.. frame[..^1], (byte)random.Next(256)];
            batch.Write(frame);
        }

        return batch.ToArray();
    }

    private static async Task<int> ReadAsync(LoadConnection connection)
    {
        var answered = 0;
        try
        {
            while (true)
                answered += await connection.ReceiveAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The end of the connection.
            return answered;
        }
    }
}
