namespace Ducts.Cli;

/// <summary>Ends a command with a message for people: what is wrong, where, what to do.</summary>
internal sealed class CommandException : Exception
{
    public CommandException(string message)
        : base(message)
    {
    }

    public CommandException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
