namespace Ducts;

/// <summary>An error that a handler wants its caller to see, name and message, whatever <c>detailed_errors</c> says.</summary>
public sealed class EventException : Exception
{
    /// <summary>Makes an error for the caller.</summary>
    /// <param name="name">
    /// One of <c>KeyError</c>, <c>ValueError</c>, <c>TypeError</c>, <c>PermissionError</c>, <c>TimeoutError</c>,
    /// <c>FileNotFoundError</c>, <c>NotImplementedError</c>, <c>ConnectionError</c>, <c>RuntimeError</c>; Python clients
    /// evaluate it.
    /// </param>
    /// <param name="message">What the caller is told.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is none of these.</exception>
    public EventException(string name, string message)
        : base(message)
    {
        if (!ErrorNames.IsKnown(name))
            throw new ArgumentException($"'{name}' is no name of an error; use one of {string.Join(", ", ErrorNames.All)}.", nameof(name));
        Name = name;
    }

    /// <summary>The error's name as clients see it.</summary>
    public string Name { get; }
}
