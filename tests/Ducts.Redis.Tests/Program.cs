using Ducts.Redis;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Runner.InProc.SystemConsole;

if (args is ["own-embedded-redis", var folder])
{
    // Owns a server until it is killed.
    await using var embedded = await EmbeddedRedis.StartAsync(folder, NullLogger.Instance);
    await Console.Out.WriteLineAsync(embedded.ProcessId.ToString());
    await Console.Out.FlushAsync();
    await Task.Delay(Timeout.Infinite);
}

return await ConsoleRunner.Run(args);
