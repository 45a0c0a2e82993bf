using System.IO.Enumeration;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.BuiltIn;

/// <summary>REDIS_EXECUTE and EVENT: run the Redis commands that the configuration names, on the keys that it names, and no others.</summary>
internal sealed class RedisExecuteEvent(DuctsEventOptions options)
{
    private readonly HashSet<string> _commands = new(options.RedisExecuteCommands, StringComparer.OrdinalIgnoreCase);
    private readonly string[] _keys = [.. options.RedisExecuteKeys];

    public async Task<RedisReply> HandleAsync(MessagePackElement data, IRedisClient redis, CancellationToken cancellationToken)
    {
        if (data.Kind != MessagePackKind.Array || data.GetArrayLength() == 0 || data[0].Kind != MessagePackKind.String)
        {
            throw EventException.InvalidType("expected an array of a command and its arguments");
        }

        var command = data[0].GetString()!;
        if (!_commands.Contains(command))
        {
            throw EventException.PermissionDenied($"option redis_execute_commands does not name {command}");
        }

        var arguments = new List<object?>();
        foreach (var element in data.EnumerateArray().Skip(1))
        {
            arguments.Add(element.Kind switch
            {
                MessagePackKind.String or MessagePackKind.Binary or MessagePackKind.Integer or MessagePackKind.Float or MessagePackKind.Boolean => element.ToObject(),
                _ => throw EventException.InvalidType("an argument of a Redis command is text, a number, bytes or a bool"),
            });
        }

        if (_keys.Length > 0)
        {
            await RefuseOtherKeysAsync(command, arguments, redis, cancellationToken);
        }

        return await redis.ExecuteAsync(command, arguments, cancellationToken);
    }

    private async Task RefuseOtherKeysAsync(string command, List<object?> arguments, IRedisClient redis, CancellationToken cancellationToken)
    {
        foreach (var key in await FindKeysAsync(command, arguments, redis, cancellationToken))
        {
            if (!_keys.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, key, ignoreCase: false)))
            {
                throw EventException.PermissionDenied($"no pattern of option redis_execute_keys matches the key {key}");
            }
        }
    }

    // Redis knows best which arguments are keys, also of commands that are newer than this server.
    private static async Task<string?[]> FindKeysAsync(string command, List<object?> arguments, IRedisClient redis, CancellationToken cancellationToken)
    {
        try
        {
            return (await redis.ExecuteAsync("COMMAND", ["GETKEYS", command, .. arguments], cancellationToken)).AsStrings();
        }
        catch (RedisErrorException exception) when (exception.Message.Contains("no key arguments", StringComparison.Ordinal))
        {
            return [];
        }
    }
}
