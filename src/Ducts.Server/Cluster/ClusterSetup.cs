using Ducts.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>Adds what makes a server a node. Nothing of it runs where option <c>cluster</c> is off.</summary>
internal static class ClusterSetup
{
    private const string ProtectedApplication = "Ducts";

    public static void Add(IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.TryAddSingleton<IClusterStore, RedisClusterStore>();
        services.AddSingleton<NodeLease>();
        services.AddSingleton<NodeWatch>();
        services.AddSingleton<NodeSecret>();
        services.AddSingleton<NodeForwarder>();
        services.AddSingleton<NodeFeed>();
        services.AddSingleton<NodeFeedReceiver>();
        services.AddSingleton<SessionImages>();
        services.AddSingleton<SessionPlacement>();
        services.AddSingleton<ClusterLog>();
        services.AddSingleton<ClusterService>();
        services.AddSingleton<IPostConfigureOptions<KeyManagementOptions>, SharedKeys>();
        services.AddSingleton<IPostConfigureOptions<DataProtectionOptions>, SharedKeys>();
    }

    /// <summary>Returns what tells other servers; null where there is one server only.</summary>
    public static IServerFeed? FeedOf(IServiceProvider services) =>
        services.GetRequiredService<IOptions<DuctsOptions>>().Value.Cluster.Cluster ? services.GetRequiredService<NodeFeed>() : null;

    /// <summary>Returns where sessions live; null where there is one server only.</summary>
    public static ISessionPlacement? PlacementOf(IServiceProvider services) =>
        services.GetRequiredService<IOptions<DuctsOptions>>().Value.Cluster.Cluster ? services.GetRequiredService<SessionPlacement>() : null;

    /// <summary>Has all nodes seal by the same keys. What the application has set is left as it is.</summary>
    private sealed class SharedKeys(IOptions<DuctsOptions> options, IServiceProvider services)
        : IPostConfigureOptions<KeyManagementOptions>, IPostConfigureOptions<DataProtectionOptions>
    {
        private bool IsOn => options.Value.Cluster.Cluster;

        public void PostConfigure(string? name, KeyManagementOptions options)
        {
            if (IsOn)
                options.XmlRepository ??= ActivatorUtilities.CreateInstance<ProtectionKeys>(services);
        }

        // By default it is the folder of the application, which may differ from machine to machine.
        public void PostConfigure(string? name, DataProtectionOptions options)
        {
            if (IsOn)
                options.ApplicationDiscriminator = ProtectedApplication;
        }
    }
}
