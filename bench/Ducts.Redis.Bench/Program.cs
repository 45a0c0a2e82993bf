using System.Globalization;
using Ducts.Redis;
using Ducts.Redis.Bench;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

// Usage: Ducts.Redis.Bench [rounds] [test] [callers], as in "3 GET 50"; without a test all, without callers all loads. Each
// round runs redis-benchmark and the client in turn on the same server over a Unix socket; the best of the rounds counts,
// as other work on the machine only ever makes slower.
var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var onlyTest = args.Length > 1 ? args[1] : null;
int? onlyCallers = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : null;
var folder = Directory.CreateTempSubdirectory("redis-bench-");
await using (var server = await EmbeddedRedis.StartAsync(folder.FullName, NullLogger.Instance))
await using (var redis = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = server.Uri }, NullLoggerFactory.Instance))
{
    // As redis-benchmark's own servers are run: without the append-only file.
    await redis.ExecuteAsync("CONFIG", "SET", "appendonly", "no");
    var value = new byte[100];
    Array.Fill(value, (byte)'x');
    var text = new string('x', 100);
    await redis.ExecuteAsync("SET", "bench:key", value);
    (string Name, string[] Command, Func<RedisClient, ValueTask<RedisReply>> Run)[] tests =
    [
        ("GET", ["GET", "bench:key"], static client => client.ExecuteAsync("GET", "bench:key")),
        ("SET", ["SET", "bench:key", text], client => client.ExecuteAsync("SET", "bench:key", value)),
        ("XADD", ["XADD", "bench:stream", "MAXLEN", "~", "1000", "*", "field", text],
            client => client.ExecuteAsync("XADD", "bench:stream", "MAXLEN", "~", 1000, "*", "field", value)),
    ];
    (int Callers, int Pipeline, int Count)[] loads = [(1, 1, 100_000), (50, 16, 1_000_000), (1000, 64, 2_000_000)];

    // The code is compiled for good by the time it counts.
    await Subject.RunAsync(redis, 50, 500_000, tests[0].Run);
    await Console.Out.WriteLineAsync("test  callers   client/s  reference/s (-P)  ratio   client us  reference us   bytes");
    foreach (var (name, command, run) in tests)
    {
        foreach (var (callers, pipeline, count) in loads)
        {
            if (!name.Equals(onlyTest ?? name, StringComparison.OrdinalIgnoreCase) || callers != (onlyCallers ?? callers))
            {
                continue;
            }

            var reference = default(Measurement);
            var subject = default(Measurement);
            for (var round = 0; round < rounds; round++)
            {
                var theirs = await Reference.RunAsync(server.Socket, pipeline, count, command);
                reference = theirs.PerSecond > reference.PerSecond ? theirs : reference;
                var ours = await Subject.RunAsync(redis, callers, count, run);
                subject = ours.PerSecond > subject.PerSecond ? ours : subject;
            }

            await Console.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-5} {callers,7} {subject.PerSecond,10:N0} {reference.PerSecond,12:N0} {pipeline,5} {subject.PerSecond / reference.PerSecond,6:0.00} {subject.ClientMicroseconds,11:0.00} {reference.ClientMicroseconds,13:0.00} {subject.AllocatedBytes,7:0}"));
        }
    }
}

folder.Delete(recursive: true);
