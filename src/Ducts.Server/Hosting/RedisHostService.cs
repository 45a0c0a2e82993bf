using Microsoft.Extensions.Hosting;

namespace Ducts.Hosting;

/// <summary>Connects to Redis before the other services of the program start, and disconnects after they have stopped.</summary>
internal sealed class RedisHostService(RedisHost redis) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => redis.StartAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await redis.DisposeAsync();
}
