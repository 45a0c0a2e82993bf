using System.Net;

namespace Ducts.Redis.Connections;

/// <summary>Asks the Sentinels, one after the other, which server is the master.</summary>
internal static class SentinelLookup
{
    /// <exception cref="RedisUnavailableException">No Sentinel names a master.</exception>
    public static async Task<EndPoint> FindMasterAsync(RedisTarget target, RedisClientOptions options, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var sentinel in target.EndPoints)
        {
            try
            {
                var transport = new RedisTransport(target, options, isForOneConnection: true, isForSentinel: true);
                var multiplexer = await MultiplexerOpener.OpenAsync(target.ConfigureSentinel(transport, sentinel), transport, options, cancellationToken);
                try
                {
                    var asking = multiplexer.GetServers()[0].SentinelGetMasterAddressByNameAsync(target.SentinelName!);
                    if (await asking.WaitAsync(options.ConnectTimeout, cancellationToken) is { } master)
                    {
                        return master;
                    }
                }
                finally
                {
                    await MultiplexerOpener.CloseAsync(multiplexer, transport, "The Sentinel was asked.");
                }

                last = new RedisUnavailableException($"The Sentinel at {RedisTransport.Describe(sentinel)} knows no master '{target.SentinelName}'.");
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                last = exception;
            }
        }

        throw new RedisUnavailableException($"No Sentinel names a master '{target.SentinelName}' that can be reached: {last?.Message}", last);
    }
}
