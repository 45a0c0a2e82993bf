using System.Net;

namespace Ducts.Redis;

/// <summary>The master that the Sentinels name, asked for each connection; a server that says it is none is not taken.</summary>
internal sealed class SentinelEndpoint(RedisConnector connector, RedisUri uri) : EndpointSource
{
    // The Sentinel that answered last is asked first.
    private int _first;

    public override async Task<RedisConnection> OpenAsync(Action<RedisConnection, RedisValue>? unasked, CancellationToken cancellationToken)
    {
        Exception? last = null;
        for (var i = 0; i < uri.Hosts.Count; i++)
        {
            var index = (_first + i) % uri.Hosts.Count;
            try
            {
                var master = await AskAsync(uri.Hosts[index], cancellationToken);
                _first = index;
                return await OpenMasterAsync(master, unasked, cancellationToken);
            }
            catch (RedisException exception)
            {
                last = exception;
            }
        }

        throw new RedisConnectionException($"No Sentinel names a master '{uri.SentinelName}' that can be reached: {last?.Message}", last);
    }

    private async Task<DnsEndPoint> AskAsync(DnsEndPoint sentinel, CancellationToken cancellationToken)
    {
        var connection = await connector.OpenAsync(sentinel, forSentinel: true, null, cancellationToken);
        try
        {
            var reply = await connector.Send(connection, "SENTINEL", ["get-master-addr-by-name", uri.SentinelName!]);
            if (reply.IsError || reply.Count != 2)
            {
                throw new RedisException(reply.IsError ? reply.ErrorText : $"The Sentinel at {RedisUri.Describe(sentinel)} knows no master '{uri.SentinelName}'.");
            }

            return new DnsEndPoint(reply[0].AsString()!, (int)reply[1].AsInt64());
        }
        finally
        {
            connection.Lose(new ObjectDisposedException(nameof(SentinelEndpoint)));
        }
    }

    private async Task<RedisConnection> OpenMasterAsync(DnsEndPoint master, Action<RedisConnection, RedisValue>? unasked, CancellationToken cancellationToken)
    {
        var connection = await connector.OpenAsync(master, forSentinel: false, unasked, cancellationToken);
        try
        {
            var role = await connector.Send(connection, "ROLE", []);
            if (role.IsError || role.Count == 0 || role[0].AsString() == "master")
            {
                // Who may not ask ROLE trusts the Sentinel.
                return connection;
            }

            throw new RedisConnectionException($"{RedisUri.Describe(master)}, which the Sentinel names as master, is a {role[0]}.");
        }
        catch (Exception exception)
        {
            connection.Lose(exception);
            throw;
        }
    }
}
