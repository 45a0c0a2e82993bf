using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Redis;

namespace Ducts.BuiltIn;

/// <summary>REDIS_EXECUTE and EVENT: run the Redis commands that the configuration names, and no others.</summary>
internal sealed class RedisExecuteEvent(IReadOnlyList<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed, StringComparer.OrdinalIgnoreCase);

    public async Task<RedisReply> HandleAsync(MessagePackElement data, IRedisClient redis, CancellationToken cancellationToken)
    {
        if (data.Kind != MessagePackKind.Array || data.GetArrayLength() == 0 || data[0].Kind != MessagePackKind.String)
            throw new EventException(ErrorNames.Type, "expected an array of a command and its arguments");
        var command = data[0].GetString()!;
        if (!_allowed.Contains(command))
            throw new EventException(ErrorNames.Permission, $"option redis_execute_commands does not name {command}");

        var arguments = new List<object?>();
        foreach (var element in data.EnumerateArray().Skip(1))
        {
            arguments.Add(element.Kind switch
            {
                MessagePackKind.String or MessagePackKind.Binary or MessagePackKind.Integer or MessagePackKind.Float or MessagePackKind.Boolean => element.ToObject(),
                _ => throw new EventException(ErrorNames.Type, "an argument of a Redis command is text, a number, bytes or a bool"),
            });
        }

        return await redis.ExecuteAsync(command, arguments, cancellationToken);
    }
}
