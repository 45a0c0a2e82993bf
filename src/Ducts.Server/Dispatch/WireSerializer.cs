using System.Text.Json;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>How C# values look on the wire: as they do in a Web API.</summary>
internal static class WireSerializer
{
    public static MessagePackSerializerOptions Create() => new(new JsonSerializerOptions(JsonSerializerDefaults.Web));
}
