using Ducts.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ducts.Hosting;

/// <summary>Starts and stops the server's part in a cluster, where it has one.</summary>
internal sealed class NodeService(IOptions<DuctsOptions> options, IServiceProvider services) : IHostedLifecycleService
{
    private ClusterService? _cluster;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Cluster.Cluster)
            return Task.CompletedTask;
        _cluster = services.GetRequiredService<ClusterService>();
        return _cluster.StartAsync(cancellationToken);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The sessions have ended by now, and needed the node's lease for that.
    public Task StopAsync(CancellationToken cancellationToken) => _cluster?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
