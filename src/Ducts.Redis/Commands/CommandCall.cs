using StackExchange.Redis;

namespace Ducts.Redis.Commands;

/// <summary>One command over the shared connection.</summary>
internal sealed class CommandCall<T>(Connections.RedisLink link, string name, object[] arguments, Func<RedisReply, T> convert, bool isTolerant) : RedisCall<T>
{
    public override Task Start() =>
        link.IsCluster && Array.Find(arguments, static argument => argument is RedisKey) is RedisKey key && link.IsOwnerLost(key)
            ? throw RedisUnavailableException.NotSent("The node of the key is lost.")
            : link.Database.ExecuteAsync(name, arguments, link.Flags);

    protected override T Read(Task task)
    {
        RedisResult result;
        try
        {
            result = ResultOf<RedisResult>(task);
        }
        catch (RedisServerException error) when (isTolerant)
        {
            return convert(RedisReply.OfText(RedisReplyKind.Error, Connections.FailureReader.TextOf(error)));
        }

        var reply = ReplyReader.Read(result);
        return reply.IsError && !isTolerant ? throw new RedisErrorException(reply.ErrorText) : convert(reply);
    }
}

/// <summary>Something that is more than one command, or goes to one server: a batch, a transaction, a step of SCAN.</summary>
internal sealed class TaskCall<T>(Func<Task<T>> start) : RedisCall<T>
{
    public override Task Start() => start();

    protected override T Read(Task task) => ResultOf<T>(task);
}
