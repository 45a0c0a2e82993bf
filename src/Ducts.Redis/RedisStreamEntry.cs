using Ducts.Redis.Streams;

namespace Ducts.Redis;

/// <summary>
/// An entry of a stream. Immutable; followers of one pattern and stream are given the same object, so what is made of an
/// entry (such as a packed message) can be kept once by reference.
/// </summary>
public sealed class RedisStreamEntry
{
    internal RedisStreamEntry(string id, RedisFields fields)
    {
        Id = id;
        Fields = fields;
        Key = StreamId.TryParse(id, out var key) ? key : default;
    }

    /// <summary>The id, <c>milliseconds-sequence</c>.</summary>
    public string Id { get; }

    /// <summary>The fields, in Redis' order.</summary>
    public RedisFields Fields { get; }

    /// <summary>Gets a field's value as text.</summary>
    /// <param name="name">The field's name, in exactly these letters.</param>
    /// <exception cref="KeyNotFoundException">The entry has no such field.</exception>
    public string this[string name] => Fields[name];

    /// <summary>The entry for people.</summary>
    /// <returns>Id and field names with values.</returns>
    public override string ToString() => $"{Id} {{{string.Join(", ", Fields.Select(static field => $"{field.Key}={field.Value}"))}}}";

    /// <summary>The id, comparable.</summary>
    internal StreamId Key { get; }

    internal static RedisStreamEntry[] CreateAll(RedisReply reply)
    {
        var items = reply.Items.Span;
        var entries = new RedisStreamEntry[items.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = Create(items[i]);
        }

        return entries;
    }

    internal static RedisStreamEntry? CreateFirst(RedisReply reply) => reply.Count == 0 ? null : Create(reply[0]);

    private static RedisStreamEntry Create(RedisReply item) =>
        new(item[0].AsString()!, RedisFields.Create(item[1].Items.Span));
}
