namespace Ducts.Handlers;

/// <summary>What ids and keys events may have, wherever the events come from.</summary>
internal static class EventRules
{
    /// <summary>Says what is wrong with the id and key of a user's event.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="key">The event's key, which has to stand in paths and in logs.</param>
    /// <param name="minId">The lowest id that users' events may have.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Refusal(int id, string key, int minId) => key switch
    {
        _ when id < minId => $"event id {id} is below {minId}, where users' events start",
        "" => $"event {id}: the key is empty",
        ['.', ..] => $"event {id}: the key '{key}' begins with a dot",
        _ when !key.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') =>
            $"event {id}: the key '{key}' has other characters than letters, digits, '_', '-' and '.'",
        _ => null,
    };

    /// <summary>
    /// Returns whether two events cannot be loaded together. Keys that differ in case only do: the paths of Web APIs have keys
    /// in lower case.
    /// </summary>
    public static bool Clash(HandlerSpec spec, int id, string key) =>
        spec.Id == id || string.Equals(spec.Key, key, StringComparison.OrdinalIgnoreCase);
}
