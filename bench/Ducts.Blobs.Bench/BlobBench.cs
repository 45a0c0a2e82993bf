using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Ducts.Client;

namespace Ducts.Blobs.Bench;

/// <summary>Drives the server from a process of its own.</summary>
internal sealed class BlobBench : IAsyncDisposable
{
    private const int Piece = 512 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-blobs-bench-").FullName;
    private readonly long _size;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private Process? _redis;
    private Process? _server;
    private DuctsClient? _client;
    private string _hash = "";
    private int _number;

    private BlobBench(int mebibytes) => _size = mebibytes * 1024L * 1024;

    public static async Task<BlobBench> StartAsync(int mebibytes)
    {
        var bench = new BlobBench(mebibytes);
        await bench.StartAsync();
        return bench;
    }

    public async Task RunAsync(int rounds)
    {
        (string Name, string Beside, Func<Task> Run)[] ways =
        [
            ("file up", "", PutFileAsync),
            ("file down", "", () => GetAsync("/file")),
            ("blob up, PUT", "file up", PutBlobAsync),
            ("blob down, GET", "file down", () => GetAsync($"/ducts/api/v1/blobs/blob/g/{_number}")),
            ("blob down, 16 ranges", "file down", GetRangesAsync),
            ("blob up, buffer", "file up", AddByBufferAsync),
            ("blob down, BLOBS", "file down", async () => Check(await StreamAsync())),
        ];
        var speeds = ways.ToDictionary(static way => way.Name, static _ => new List<double>(), StringComparer.Ordinal);
        var growth = ways.ToDictionary(static way => way.Name, static _ => 0L, StringComparer.Ordinal);
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (name, _, run) in ways)
            {
                var before = ResetPeak();
                var start = Stopwatch.GetTimestamp();
                await run();
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: {name} {seconds:F2} s"));
                if (round > 0)
                {
                    // The first round warms up.
                    speeds[name].Add(_size / seconds / 1024 / 1024);
                    growth[name] = Math.Max(growth[name], Memory("VmHWM") - before);
                }
            }
        }

        Console.Out.WriteLine($"{_size / 1024 / 1024} MiB, {rounds} rounds; MiB/s (median), ratio to the file, the most that the server's memory grew by (MiB)");
        foreach (var (name, beside, _) in ways)
        {
            var ratio = beside.Length > 0 ? (Median(speeds[name]) / Median(speeds[beside])).ToString("F2", CultureInfo.InvariantCulture) : "";
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-22} {Median(speeds[name]),8:F0} {ratio,6} {growth[name] / 1024.0,7:F1}"));
        }
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

        _hash = Convert.ToHexString(hash.GetHashAndReset());
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
        await PutBlobAsync();
        Check(await HashAsync($"/ducts/api/v1/blobs/blob/g/{_number}"));
        await AddByBufferAsync();
        Check(await StreamAsync());
    }

    // A group of its own each time, as a group keeps equal bytes once only.
    private async Task RenewAsync()
    {
        await _client!.CallAsync("BLOBS_GROUP_DELETE", "g");
        await _client!.CallAsync("BLOBS_GROUP_ADD", "g");
        _number++;
    }

    private async Task PutFileAsync()
    {
        await using var file = File.OpenRead(Path.Combine(_folder, "file"));
        using var answer = await _http.PutAsync("/file", new StreamContent(file, 64 * 1024));
        answer.EnsureSuccessStatusCode();
    }

    private async Task PutBlobAsync()
    {
        await RenewAsync();
        await using var file = File.OpenRead(Path.Combine(_folder, "file"));
        using var answer = await _http.PutAsync($"/ducts/api/v1/blobs/blob/g/{_number}", new StreamContent(file, 64 * 1024));
        answer.EnsureSuccessStatusCode();
    }

    private async Task AddByBufferAsync()
    {
        await RenewAsync();
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
        var buffer = new byte[64 * 1024];
        long total = 0;
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            total += count;
        }

        if (total != _size)
        {
            throw new InvalidOperationException($"{path}: {total} bytes of {_size}");
        }
    }

    private async Task GetRangesAsync()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        for (var i = 0; i < 16; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/ducts/api/v1/blobs/blob/g/{_number}");
            request.Headers.Range = new(_size * i / 16, (_size * (i + 1) / 16) - 1);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            int count;
            while ((count = await stream.ReadAsync(buffer)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, count));
            }
        }

        Check(Convert.ToHexString(hash.GetHashAndReset()));
    }

    private async Task<string> HashAsync(string path)
    {
        await using var stream = await _http.GetStreamAsync(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(stream));
    }

    private async Task<string> StreamAsync()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var piece in _client!.StreamAsync("BLOBS", new object[] { "g", $"{_number}" }))
        {
            hash.AppendData(piece.GetBytes().Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private void Check(string hash)
    {
        if (hash != _hash)
        {
            throw new InvalidOperationException("Other bytes came out than went in.");
        }
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

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
