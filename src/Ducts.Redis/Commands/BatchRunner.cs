using Ducts.Redis.Connections;
using StackExchange.Redis;

namespace Ducts.Redis.Commands;

/// <summary>Runs the commands of a batch in one write over the shared connection of one server.</summary>
internal static class BatchRunner
{
    /// <exception cref="RedisUnavailableException">Not all were answered; whether any was carried out is said.</exception>
    public static async Task<IReadOnlyList<RedisReply>> RunAsync(RedisLink link, RedisBatch commands)
    {
        var batch = link.Database.CreateBatch();
        var sent = new Task<RedisResult>[commands.Count];
        for (var i = 0; i < sent.Length; i++)
        {
            var (name, arguments) = commands.Commands[i];
            sent[i] = batch.ExecuteAsync(name, ReplyReader.Write(name, arguments, default, isCluster: false, out _), link.Flags);
        }

        batch.Execute();
        return await ReadAsync(sent);
    }

    /// <summary>Awaits all replies; an error of Redis is a value in its place.</summary>
    /// <exception cref="RedisUnavailableException">Not all were answered; whether any was carried out is said.</exception>
    public static async Task<RedisReply[]> ReadAsync(Task<RedisResult>[] sent)
    {
        var replies = new RedisReply[sent.Length];
        var notDone = 0;
        Exception? failure = null;
        for (var i = 0; i < sent.Length; i++)
        {
            try
            {
                replies[i] = ReplyReader.Read(await sent[i]);
            }
            catch (RedisServerException error)
            {
                replies[i] = RedisReply.OfText(RedisReplyKind.Error, FailureReader.TextOf(error));
            }
            catch (RedisConnectionException redirected) when (FailureReader.IsRefusedRedirection(redirected))
            {
                replies[i] = RedisReply.OfText(RedisReplyKind.Error, "TRYAGAIN " + FailureReader.Describe(redirected));
            }
            catch (Exception exception)
            {
                failure ??= exception;
                notDone += FailureReader.IsCertainlyNotDone(exception) ? 1 : 0;
            }
        }

        return failure switch
        {
            null => replies,
            RedisCommandException => throw failure,
            _ when notDone == sent.Length => throw RedisUnavailableException.NotSent("There is no connection to Redis: " + FailureReader.Describe(failure), failure),
            _ => throw RedisUnavailableException.Unanswered("The connection to Redis was lost: " + FailureReader.Describe(failure), failure),
        };
    }
}
