using System.Text.Json;
using Ducts.Dispatch.Values;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>How C# values look on the wire: as they do in a Web API, and Redis' replies as what they hold.</summary>
internal static class WireSerializer
{
    public static MessagePackSerializerOptions Create() => new(
        new JsonSerializerOptions(JsonSerializerDefaults.Web),
        new RedisValueConverter(),
        new RedisFieldsConverter(),
        new RedisStreamEntryConverter());
}
