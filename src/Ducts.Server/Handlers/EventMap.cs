namespace Ducts.Handlers;

/// <summary>The events that are no handler classes: built-in ones, and functions mapped before the server starts.</summary>
internal sealed class EventMap(BuiltIn.BuiltInEvents builtIn)
{
    private readonly List<MappedEvent> _events = [.. builtIn.All];
    private bool _isClosed;

    public IReadOnlyList<MappedEvent> All => _events;

    /// <summary>What is wrong with a key, which has to stand in paths and in logs; or null. Handler files are held to the same.</summary>
    public static string? Refusal(string key) => key switch
    {
        "" => "the key is empty",
        ['.', ..] => $"the key '{key}' begins with a dot",
        _ when !key.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') => $"the key '{key}' has other characters than letters, digits, '_', '-' and '.'",
        _ => null,
    };

    /// <summary>Adds an event.</summary>
    /// <exception cref="ArgumentException">Its id or key is taken, or the key cannot be one.</exception>
    /// <exception cref="InvalidOperationException">The server has started, so nobody would be told of it.</exception>
    public void Add(MappedEvent mapped)
    {
        if (_isClosed)
            throw new InvalidOperationException($"Event {mapped.Spec.Id} {mapped.Spec.Key} is mapped too late: map events before the server starts.");
        if (Refusal(mapped.Spec.Key) is { } refusal)
            throw new ArgumentException($"Event {mapped.Spec.Id}: {refusal}", nameof(mapped));
        foreach (var other in _events)
        {
            if (other.Spec.Id == mapped.Spec.Id || other.Spec.Key == mapped.Spec.Key)
                throw new ArgumentException($"Event {mapped.Spec.Id} {mapped.Spec.Key} is taken by {other.Spec.Id} {other.Spec.Key}.", nameof(mapped));
        }

        _events.Add(mapped);
    }

    /// <summary>Handlers are loaded from here on, and held to what has been mapped.</summary>
    public void Close() => _isClosed = true;
}
