using System.Text;

namespace Ducts.Redis;

/// <summary>A message of a channel. Immutable; shared by all subscribers of the channel.</summary>
public sealed class RedisMessage
{
    private readonly byte[] _bytes;
    private string? _payload;

    internal RedisMessage(string channel, string? pattern, byte[] bytes)
    {
        Channel = channel;
        Pattern = pattern;
        _bytes = bytes;
    }

    /// <summary>The channel it was published on.</summary>
    public string Channel { get; }

    /// <summary>The pattern that matched the channel; null for a subscription to the channel itself.</summary>
    public string? Pattern { get; }

    /// <summary>The payload as UTF-8 text.</summary>
    public string Payload => _payload ??= Encoding.UTF8.GetString(_bytes);

    /// <summary>The payload's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Takes the message apart, for <c>foreach (var (channel, payload) in …)</c>.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="payload">The payload as text.</param>
    public void Deconstruct(out string channel, out string payload)
    {
        channel = Channel;
        payload = Payload;
    }
}
