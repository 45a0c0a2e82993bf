namespace Ducts.Topics;

/// <summary>
/// An item's place in its topic. Places are linked from the older to the newer, and readers hold theirs: what all of them
/// have passed is free for the collector, without anybody counting.
/// </summary>
/// <param name="number">How many items came before, with this one; the highest of all at an end.</param>
/// <param name="item">What was published here; null at the beginning and at an end.</param>
internal sealed class TopicNode<T>(long number, TopicItem<T>? item)
{
    private TopicNode<T>? _next;

    public long Number => number;

    public TopicItem<T>? Item => item;

    /// <summary>Gets whether this is the end of the topic.</summary>
    public bool IsEnd { get; private init; }

    /// <summary>Why it ends; null for a regular end.</summary>
    public Exception? Error { get; private init; }

    public TopicNode<T>? Next => Volatile.Read(ref _next);

    public static TopicNode<T> End(Exception? error) => new(long.MaxValue, null) { IsEnd = true, Error = error };

    /// <summary>Creates the place for a reader that is too far behind: directly before an end with that error.</summary>
    public static TopicNode<T> Lost(Exception error) => new(long.MaxValue, null) { _next = End(error) };

    public void Append(TopicNode<T> next) => Volatile.Write(ref _next, next);
}
