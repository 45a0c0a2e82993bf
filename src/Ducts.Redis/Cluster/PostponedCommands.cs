namespace Ducts.Redis;

/// <summary>Commands that a node refused for the moment; they are sent again shortly, or fail when their time is up.</summary>
// Threading: the gate guards the list; who takes a command out decides on it.
internal sealed class PostponedCommands(CompletionQueue completions)
{
    private readonly Lock _gate = new();
    private List<RedisCommand> _commands = [];

    public void Add(RedisCommand command)
    {
        lock (_gate)
        {
            _commands.Add(command);
        }
    }

    public List<RedisCommand> TakeAll()
    {
        lock (_gate)
        {
            if (_commands.Count == 0)
            {
                return [];
            }

            var taken = _commands;
            _commands = [];
            return taken;
        }
    }

    /// <summary>Fails the commands whose time is up, however long it takes until they could be sent again.</summary>
    public void Sweep(long now)
    {
        List<RedisCommand> due;
        lock (_gate)
        {
            if (_commands.Count == 0)
            {
                return;
            }

            due = _commands.FindAll(command => command.Deadline <= now);
            _commands.RemoveAll(command => command.Deadline <= now);
        }

        foreach (var command in due)
        {
            completions.Fail(command, new RedisConnectionException("The Redis cluster refused the command until its time was up; it was not carried out."));
        }
    }
}
