// Measures a large content on its way in and out, beside Kestrel with a file of the same size: throughput, and what the server's
// memory grows by. usage: Ducts.Blobs.Bench [MIB=512] [ROUNDS=3] [ONLY=part of a way's name]

using System.Globalization;
using Ducts.Blobs.Bench;

if (args is ["serve", var redis, var folder])
{
    await BenchServer.RunAsync(redis, folder);
    return;
}

var mebibytes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 512;
var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
await using var bench = await BlobBench.StartAsync(mebibytes);
await bench.RunAsync(rounds, args.Length > 2 ? args[2] : "");
