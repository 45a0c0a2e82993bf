namespace Ducts.Client;

/// <summary>Selects an event by its key, such as <c>"MY_SAMPLE_TEST"</c>, or by its id. Strings and integers convert to it implicitly.</summary>
public readonly struct EventSelector
{
    private readonly string? _key;
    private readonly int _id;

    private EventSelector(string? key, int id)
    {
        _key = key;
        _id = id;
    }

    /// <summary>Creates a selector from an event's key.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    public static implicit operator EventSelector(string key) => FromString(key);

    /// <summary>Creates a selector from an event's id.</summary>
    /// <param name="id">The id.</param>
    public static implicit operator EventSelector(int id) => FromInt32(id);

    /// <summary>Creates a selector from an event's key.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <returns>The selector.</returns>
    public static EventSelector FromString(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new EventSelector(key, 0);
    }

    /// <summary>Creates a selector from an event's id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The selector.</returns>
    public static EventSelector FromInt32(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return new EventSelector(null, id);
    }

    internal int Resolve(IReadOnlyDictionary<string, int> events) =>
        TryResolve(events) ?? throw new KeyNotFoundException($"The server has no event '{_key}'.");

    internal int? TryResolve(IReadOnlyDictionary<string, int> events)
    {
        if (_key is null)
            return _id;
        return events.TryGetValue(_key, out var id) ? id : null;
    }
}
