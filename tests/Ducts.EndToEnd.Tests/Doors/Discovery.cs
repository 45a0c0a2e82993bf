using System.Net.Http.Json;
using System.Text.Json;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Doors;

/// <summary>What service discovery gives to a client.</summary>
internal static class Discovery
{
    public static HttpClient Http { get; } = new() { Timeout = Until.Patience };

    public static async Task<Uri> WebSocketAsync(Uri server)
    {
        var wsd = await Http.GetFromJsonAsync<JsonElement>(new Uri(server, "ducts/wsd?uuid=doors"));
        return new Uri(wsd.GetProperty("websocket_url").GetString()!);
    }

    /// <summary>The WebSocket address as plain HTTP has it, for requests without an upgrade.</summary>
    public static Uri Plain(Uri webSocket) => new UriBuilder(webSocket) { Scheme = "http" }.Uri;
}
