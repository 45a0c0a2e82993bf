using System.Text.Json;
using Ducts.Dispatch.Values;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>How C# values look on the wire: as they do in a Web API, and Redis' replies as what they hold.</summary>
internal sealed class WireSerializer
{
    // The same for the handlers of every load, so that all sessions share what is packed.
    private static readonly RedisFieldsConverter Fields = new();
    private static readonly RedisStreamEntryConverter Entries = new(Fields);

    public PackSerializerOptions Options { get; } = new(
        new JsonSerializerOptions(JsonSerializerDefaults.Web),
        new RedisReplyConverter(),
        Fields,
        Entries);
}
