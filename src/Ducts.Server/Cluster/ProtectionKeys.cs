using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>
/// Keeps the Data Protection keys in Redis, so that each node opens what another has sealed. Through the server's own Redis client, which
/// knows how to reach it; the package of ASP.NET Core wants a connection of another kind.
/// </summary>
internal sealed class ProtectionKeys(IOptions<DuctsOptions> options, IRedisSource redis) : IXmlRepository
{
    private readonly string _key = new ClusterKeys(options.Value.Cluster.ClusterKey).ProtectionKeys;

    // The interface does not wait; keys are read once a day, and when a node starts.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. redis.Client.ExecuteAsync("LRANGE", [_key, 0, -1]).AsTask().GetAwaiter().GetResult().AsStrings().Select(static text => XElement.Parse(text!))];

    public void StoreElement(XElement element, string friendlyName) =>
        redis.Client.ExecuteAsync("RPUSH", [_key, element.ToString(SaveOptions.DisableFormatting)]).AsTask().GetAwaiter().GetResult();
}
