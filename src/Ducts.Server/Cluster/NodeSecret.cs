using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>The secret that the nodes share through Redis: what one sends another on a client's behalf is signed by it.</summary>
internal sealed class NodeSecret(IOptions<DuctsOptions> options, IRedisSource redis)
{
    private const int SecretBytes = 32;

    private byte[] _secret = [];

    /// <summary>Reads the secret, and makes one where there is none.</summary>
    /// <exception cref="Redis.RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var key = new ClusterKeys(options.Value.Cluster.ClusterKey).Secret;
        await redis.Client.ExecuteAsync("SET", [key, RandomNumberGenerator.GetBytes(SecretBytes), "NX"], cancellationToken);
        _secret = (await redis.Client.ExecuteAsync("GET", [key], cancellationToken)).AsBytes().ToArray();
    }

    /// <summary>Signs what is asked of a node.</summary>
    /// <param name="node">The node that it is for.</param>
    /// <param name="sessionId">The session's id for URLs.</param>
    public string Sign(string node, string sessionId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{node}\n{sessionId}")));

    /// <summary>Returns whether a node has signed this.</summary>
    public bool IsSigned(string node, string sessionId, string signature) =>
        _secret.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(node, sessionId)), Encoding.ASCII.GetBytes(signature));
}
