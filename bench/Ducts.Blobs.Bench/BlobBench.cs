using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Ducts.Client;

namespace Ducts.Blobs.Bench;

/// <summary>Drives the server from a process of its own.</summary>
internal sealed class BlobBench : IAsyncDisposable
{
    private const int Piece = 512 * 1024;

    /// <summary>How many bytes go each way before the measuring.</summary>
    private const long WarmUp = 1024 * 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-blobs-bench-").FullName;
    private readonly long _size;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private Process? _redis;
    private Process? _server;
    private DuctsClient? _client;
    private readonly byte[] _received = new byte[64 * 1024];
    private IncrementalHash? _hash;
    private string _expected = "";
    private long _taken;
    private int _number;

    private BlobBench(int mebibytes) => _size = mebibytes * 1024L * 1024;

    private string Blob => $"/ducts/api/v1/blobs/blob/g/{_number}";

    public static async Task<BlobBench> StartAsync(int mebibytes)
    {
        var bench = new BlobBench(mebibytes);
        await bench.StartAsync();
        return bench;
    }

    /// <summary>Measures the ways whose names have a text in them.</summary>
    public async Task RunAsync(int rounds, string only)
    {
        // The client does the same work on both sides: nobody hashes, which StartAsync does once for each way.
        (string Name, string Beside, Func<Task> Prepare, Func<Task> Run)[] all =
        [
            ("file up", "", NothingAsync, () => PutAsync("/file")),
            ("file down", "", NothingAsync, () => GetAsync("/file")),
            ("blob up, PUT", "file up", RenewAsync, () => PutAsync(Blob)),
            ("blob down, GET", "file down", NothingAsync, () => GetAsync(Blob)),
            ("file down, 16 ranges", "", NothingAsync, () => GetRangesAsync("/file")),
            ("blob down, 16 ranges", "file down, 16 ranges", NothingAsync, () => GetRangesAsync(Blob)),
            ("blob up, buffer", "file up", RenewAsync, AddByBufferAsync),
            ("blob down, BLOBS", "file down", NothingAsync, StreamAsync),
        ];
        var ways = all.Where(way => way.Name.Contains(only, StringComparison.Ordinal)).ToList();
        var measures = ways.ToDictionary(static way => way.Name, static _ => new List<Measure>(), StringComparer.Ordinal);
        // First until the runtime has compiled what is hot.
        for (var round = -(int)Math.Max(1, WarmUp / _size); round < rounds; round++)
        {
            foreach (var (name, _, prepare, run) in ways)
            {
                await prepare();
                _taken = 0;
                var memory = ResetPeak();
                var before = ProcessorTimes();
                var start = Stopwatch.GetTimestamp();
                await run();
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (name.Contains("down", StringComparison.Ordinal) && _taken != _size)
                {
                    throw new InvalidOperationException($"{name}: {_taken} bytes of {_size}");
                }

                var times = ProcessorTimes().Zip(before, static (after, before) => after - before).ToArray();
                if (round >= 0)
                {
                    measures[name].Add(new(_size / seconds / 1024 / 1024, Math.Max(0, Memory("VmHWM") - memory), times));
                }
            }
        }

        Console.Out.WriteLine(
            $"{_size / 1024 / 1024} MiB, {rounds} rounds; MiB/s (median), ratio to the file, the most that the server's memory grew by (MiB), "
            + "CPU of client, server and Redis (ms, median)");
        foreach (var (name, beside, _, _) in ways)
        {
            var ratio = measures.ContainsKey(beside) ? (Speed(name) / Speed(beside)).ToString("F2", CultureInfo.InvariantCulture) : "";
            var times = Enumerable.Range(0, 3).Select(i => Median(measures[name].Select(measure => measure.ProcessorTimes[i].TotalMilliseconds)));
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-22} {Speed(name),8:F0} {ratio,6} {measures[name].Max(static measure => measure.Growth) / 1024.0,7:F1}   {string.Join(" ", times.Select(static time => $"{time,6:F0}"))}"));
        }

        double Speed(string name) => Median(measures[name].Select(static measure => measure.Speed));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        foreach (var process in new[] { _server, _redis })
        {
            if (process is { HasExited: false })
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process?.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static Task NothingAsync() => Task.CompletedTask;

    private async Task StartAsync()
    {
        var socket = Path.Combine(_folder, "redis.sock");
        _redis = Process.Start("redis-server", ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", _folder, "--logfile", Path.Combine(_folder, "redis.log")]);
        while (!File.Exists(socket))
        {
            await Task.Delay(10);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var file = File.Create(Path.Combine(_folder, "file")))
        {
            for (var left = _size; left > 0; left -= Piece)
            {
                var piece = RandomNumberGenerator.GetBytes((int)Math.Min(Piece, left));
                hash.AppendData(piece);
                await file.WriteAsync(piece);
            }
        }

        _expected = Convert.ToHexString(hash.GetHashAndReset());
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["serve", "unix://" + socket, _folder])
        {
            start.ArgumentList.Add(argument);
        }

        _server = Process.Start(start)!;
        _http.BaseAddress = new Uri((await _server.StandardOutput.ReadLineAsync())!);
        _client = await DuctsClient.ConnectAsync(new Uri(_http.BaseAddress, "/ducts/wsd"));
        await _client.CallAsync("BLOBS_GROUP_ADD", "g");

        // The same bytes, whatever way they come.
        await PutAsync(Blob);
        await CheckAsync(() => GetAsync(Blob));
        await CheckAsync(() => GetRangesAsync(Blob));
        await RenewAsync();
        await AddByBufferAsync();
        await CheckAsync(StreamAsync);
    }

    // A group of its own each time, as a group keeps equal bytes once only.
    private async Task RenewAsync()
    {
        await _client!.CallAsync("BLOBS_GROUP_DELETE", "g");
        await _client!.CallAsync("BLOBS_GROUP_ADD", "g");
        _number++;
    }

    private async Task PutAsync(string path)
    {
        await using var file = File.OpenRead(Path.Combine(_folder, "file"));
        using var answer = await _http.PutAsync(path, new StreamContent(file, 64 * 1024));
        answer.EnsureSuccessStatusCode();
    }

    private async Task AddByBufferAsync()
    {
        var buffer = (await _client!.CallAsync<string>("BLOBS_BUFFER_OPEN"))!;
        await using var file = File.OpenRead(Path.Combine(_folder, "file"));
        var piece = new byte[Piece];
        int count;
        while ((count = await file.ReadAtLeastAsync(piece, Piece, throwOnEndOfStream: false)) > 0)
        {
            await _client!.CallAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, piece.AsMemory(0, count) });
        }

        await _client!.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { "g", buffer, $"{_number}" });
    }

    private async Task GetAsync(string path)
    {
        await using var stream = await _http.GetStreamAsync(path);
        await TakeAsync(stream);
    }

    private async Task GetRangesAsync(string path)
    {
        for (var i = 0; i < 16; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Range = new(_size * i / 16, (_size * (i + 1) / 16) - 1);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            await TakeAsync(stream);
        }
    }

    private async Task StreamAsync()
    {
        await foreach (var piece in _client!.StreamAsync("BLOBS", new object[] { "g", $"{_number}" }))
        {
            Take(piece.GetBytes().Span);
        }
    }

    private async Task TakeAsync(Stream stream)
    {
        int count;
        while ((count = await stream.ReadAsync(_received)) > 0)
        {
            Take(_received.AsSpan(0, count));
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _taken += bytes.Length;
        _hash?.AppendData(bytes);
    }

    private async Task CheckAsync(Func<Task> run)
    {
        using var hash = _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await run();
        _hash = null;
        if (Convert.ToHexString(hash.GetHashAndReset()) != _expected)
        {
            throw new InvalidOperationException("Other bytes came out than went in.");
        }
    }

    private TimeSpan[] ProcessorTimes()
    {
        _server!.Refresh();
        _redis!.Refresh();
        return [Environment.CpuUsage.TotalTime, _server.TotalProcessorTime, _redis.TotalProcessorTime];
    }

    /// <summary>Begins a new peak, and returns the memory now; KiB.</summary>
    private long ResetPeak()
    {
        File.WriteAllText($"/proc/{_server!.Id}/clear_refs", "5");
        return Memory("VmRSS");
    }

    private long Memory(string field)
    {
        var line = File.ReadLines($"/proc/{_server!.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(new string([.. line.Where(char.IsAsciiDigit)]), CultureInfo.InvariantCulture);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    /// <summary>One run of a way: MiB/s, KiB that the server's memory grew by, and the CPU of the client, the server and Redis.</summary>
    private sealed record Measure(double Speed, long Growth, TimeSpan[] ProcessorTimes);
}
