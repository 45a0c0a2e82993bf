using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Ducts.Redis.Connections;

/// <summary>Which Redis a client connects to, and as whom: read from a URI, a connection string or a multiplexer's configuration.</summary>
internal sealed class RedisTarget
{
    private static readonly BacklogPolicy WaitingForNodes = new() { QueueWhileDisconnected = true, AbortPendingOnConnectionFailure = true };

    private readonly ConfigurationOptions _template;
    private readonly RedisClientOptions _options;

    private RedisTarget(ConfigurationOptions template, RedisClientOptions options, string description)
    {
        _template = template;
        _options = options;
        Description = description;
    }

    /// <summary>Gets the address for people, without a password.</summary>
    public string Description { get; }

    /// <summary>Gets the servers, or the Sentinels.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; private init; } = [];

    /// <summary>Gets the name under which the Sentinels know the master; null without Sentinel.</summary>
    public string? SentinelName { get; private init; }

    /// <summary>Gets whether the server has to be a cluster; false leaves it to what the server says.</summary>
    public bool MustBeCluster { get; private init; }

    /// <summary>Gets the database's number.</summary>
    public int Database => _template.DefaultDatabase ?? 0;

    /// <summary>Gets the settings of TLS for connections that the client encrypts itself; null where it does not.</summary>
    public Func<string, SslClientAuthenticationOptions>? Tls { get; private init; }

    /// <summary>Gets whether StackExchange.Redis encrypts the connections.</summary>
    public bool IsEncryptedByLibrary => _template.Ssl;

    /// <summary>Reads a URI of ours or a connection string of StackExchange.Redis.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static RedisTarget Read(RedisClientOptions options)
    {
        if (options.Configuration is { } configuration)
        {
            return Of(configuration.Clone(), options);
        }

        if (!options.Uri.Contains("://", StringComparison.Ordinal) && options.Uri.Length > 0)
        {
            try
            {
                return Of(ConfigurationOptions.Parse(options.Uri), options);
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException)
            {
                throw new FormatException("The connection string of Redis cannot be read: " + exception.Message, exception);
            }
        }

        var uri = RedisUri.Parse(options.Uri);
        var template = new ConfigurationOptions
        {
            User = uri.User,
            Password = uri.Password,
            SentinelUser = uri.SentinelUser,
            SentinelPassword = uri.SentinelPassword,
            DefaultDatabase = uri.Database,
            Protocol = RedisProtocol.Resp3,
        };
        return new RedisTarget(template, options, uri.ToString())
        {
            EndPoints = uri.UnixPath is { } path ? [new UnixDomainSocketEndPoint(path)] : [.. uri.Hosts.Select(ToEndPoint)],
            SentinelName = uri.SentinelName,
            MustBeCluster = uri.IsCluster,
            Tls = uri.UsesTls ? host => TlsFor(host, uri, options) : null,
        };
    }

    /// <summary>Returns the same target, known to be a cluster of these nodes, and of others that may join.</summary>
    public RedisTarget ForCluster(IReadOnlyList<EndPoint> nodes) => new(_template, _options, Description)
    {
        EndPoints = nodes,
        SentinelName = SentinelName,
        MustBeCluster = true,
        Tls = Tls,
    };

    /// <summary>Returns the settings for a multiplexer that leads to endpoints, over a transport of ours.</summary>
    public ConfigurationOptions Configure(RedisTransport transport, params IReadOnlyList<EndPoint> endPoints)
    {
        var configuration = _template.Clone();
        configuration.EndPoints.Clear();
        foreach (var endPoint in endPoints)
        {
            configuration.EndPoints.Add(endPoint);
        }

        // Timeouts, waiting and outcomes are this client's; what is handed over is written or fails at once.
        configuration.AsyncTimeout = configuration.SyncTimeout = int.MaxValue;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.AbortOnConnectFail = false;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = (int)_options.ConnectTimeout.TotalMilliseconds + 500;
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Clamp(_options.ReconnectMinPause.TotalMilliseconds, 10, 1000));
        configuration.KeepAlive = (int)Math.Max(1, Math.Ceiling(_options.HeartbeatInterval.TotalSeconds));
        configuration.ReconnectRetryPolicy = new GrowingPause(_options);
        configuration.AllowAdmin = true;
        configuration.TieBreaker = string.Empty;
        configuration.ConfigurationChannel = string.Empty;
        configuration.ServiceName = null;
        configuration.SetClientLibrary = false;
        configuration.HeartbeatConsistencyChecks = false;
        configuration.SharedSubscriptionConnection = false;
        configuration.Protocol ??= RedisProtocol.Resp3;
        configuration.ClientName = _options.ClientName.Length > 0 ? _options.ClientName : configuration.ClientName;
        configuration.Tunnel = transport;

        // The library proves each connection by an ECHO, which a user of few rights may not run; PING with a text is the same.
        configuration.CommandMap = CommandMap.Create(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["ECHO"] = "PING" });
        return configuration;
    }

    /// <summary>Returns the settings for a multiplexer that leads to all nodes of a cluster.</summary>
    public ConfigurationOptions ConfigureCluster(RedisTransport transport)
    {
        var configuration = Configure(transport, EndPoints);

        // A node that has come back is connected to only when something is sent to it, which fails at once without a place
        // to wait; see ClusterMap.WakeAll. Commands are kept from nodes that are not connected before that.
        configuration.BacklogPolicy = WaitingForNodes;

        // Without a channel of its own, the library subscribes at each node whose connection comes up later, too, and gives
        // each message as often.
        configuration.ConfigurationChannel = _template.ConfigurationChannel;
        return configuration;
    }

    /// <summary>Returns the settings for asking a Sentinel.</summary>
    public ConfigurationOptions ConfigureSentinel(RedisTransport transport, EndPoint sentinel)
    {
        var configuration = Configure(transport, sentinel);
        configuration.User = _template.SentinelUser;
        configuration.Password = _template.SentinelPassword;
        configuration.DefaultDatabase = null;
        configuration.CommandMap = CommandMap.Sentinel;
        return configuration;
    }

    private static RedisTarget Of(ConfigurationOptions configuration, RedisClientOptions options)
    {
        configuration.SetDefaultPorts();
        return configuration.EndPoints.Count == 0
            ? throw new FormatException("The connection string of Redis names no server.")
            : new RedisTarget(configuration, options, string.Join(',', configuration.EndPoints.Select(RedisTransport.Describe)))
            {
                EndPoints = [.. configuration.EndPoints],
                SentinelName = string.IsNullOrEmpty(configuration.ServiceName) ? null : configuration.ServiceName,
            };
    }

    private static EndPoint ToEndPoint(DnsEndPoint host) =>
        IPAddress.TryParse(host.Host, out var address) ? new IPEndPoint(address, host.Port) : host;

    private static SslClientAuthenticationOptions TlsFor(string host, RedisUri uri, RedisClientOptions options)
    {
        if (options.Tls is { } given)
        {
            given.TargetHost ??= host;
            return given;
        }

        var tls = new SslClientAuthenticationOptions { TargetHost = host };
        if (uri.CaFile is { } ca)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(ca);
        }

        if (uri.CertificateFile is { } certificate)
        {
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, uri.KeyFile ?? certificate)];
        }

        return tls;
    }

    /// <summary>Attempts to regain a connection: after a pause that doubles, with jitter.</summary>
    private sealed class GrowingPause(RedisClientOptions options) : IReconnectRetryPolicy
    {
        public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry)
        {
            var pause = options.ReconnectMinPause.TotalMilliseconds * Math.Pow(2, Math.Min(currentRetryCount, 20));
            pause = Math.Min(pause, options.ReconnectMaxPause.TotalMilliseconds);
#pragma warning disable CA5394 // Jitter is no secret.
            return timeElapsedMillisecondsSinceLastRetry >= pause * (0.75 + (Random.Shared.NextDouble() / 4));
#pragma warning restore CA5394
        }
    }
}
