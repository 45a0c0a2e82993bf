using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ducts.MessagePack;

namespace Ducts.Load;

/// <summary>Ducts' messages, <c>[request id, event id, data]</c> in MessagePack: those of the server, of ws, and the bytes for the bare server.</summary>
internal sealed class PackedDialect(Scenario scenario, string path, bool discovers, int ends = 1, string? token = null, bool resumes = false) : Dialect
{
    // Pieces of at most 512 KiB less their heads, and the end.
    private const int BlobPieces = 22;

    private static readonly HttpClient Http = new();

    // ALIVE_MONITORING, where a session asks for it.
    private readonly byte[] _first = discovers && scenario.Kind == ScenarioKind.IdleAlive ? Call(1, 0, null) : [];

    public override byte[] Request { get; } = Frame.Encode(Frame.Binary, Pack(EventOf(scenario.Kind), scenario));

    public override byte[] Follow { get; } = Frame.Encode(Frame.Binary, Pack(FollowEventOf(scenario.Kind), null));

    /// <summary>Streams and divided replies have a message for their end.</summary>
    public override int MessagesPerRequest => scenario.Kind switch
    {
        _ when scenario.Counts => Scenario.CountItems + ends,
        ScenarioKind.Blob => discovers ? BlobPieces : 1,
        _ => 1,
    };

    public override bool SendsReceipts => resumes;

    // WELCOME.
    public override int Greetings => resumes ? 1 : 0;

    public override byte[] End { get; } = resumes ? Call(0, 12, null) : [];

    public override async Task<(string Path, byte[] Hello)> FindAsync(int port, bool follower)
    {
        if (!discovers)
            return (follower && path != "/" ? "/follow" : path, []);
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/ducts/wsd?uuid=load");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var found = new Uri(answer.GetProperty("websocket_url").GetString()!).PathAndQuery;
        return resumes ? (found + "?v=2", [.. HelloOf(answer.GetProperty("session_key").GetString()!), .. _first]) : (found, _first);
    }

    private static byte[] HelloOf(string key)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        writer.WriteNil();
        writer.WriteInt64(13);
        writer.WriteMapHeader(3);
        writer.WriteString("key");
        writer.WriteString(key);
        writer.WriteString("received");
        writer.WriteInt64(0);
        writer.WriteString("attempt");
        writer.WriteInt64(1);
        writer.Flush();
        return Frame.Encode(Frame.Binary, bytes.WrittenSpan);
    }

    /// <summary>A request of one of the events of <c>bench/load/handler</c>, framed.</summary>
    /// <param name="requestId">Its id.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="number">The data; null for none.</param>
    public static byte[] Call(int requestId, int eventId, int? number)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        writer.WriteInt64(requestId);
        writer.WriteInt64(eventId);
        if (number is { } data)
            writer.WriteInt64(data);
        else
            writer.WriteNil();
        writer.Flush();
        return Frame.Encode(Frame.Binary, bytes.WrittenSpan);
    }

    private static int EventOf(ScenarioKind kind) => kind switch
    {
        ScenarioKind.EchoMap => 1001,
        ScenarioKind.Record => 1002,
        ScenarioKind.Count => 1003,
        ScenarioKind.CountYield => 1013,
        ScenarioKind.CountChannel => 1014,
        ScenarioKind.FanOut => 1005,
        ScenarioKind.FanOutChannels => 1010,
        ScenarioKind.Blob => 1006,
        _ => 1000,
    };

    private static int FollowEventOf(ScenarioKind kind) => kind == ScenarioKind.FanOutChannels ? 1009 : 1004;

    private static byte[] Pack(int eventId, Scenario? data)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        writer.WriteInt64(1);
        writer.WriteInt64(eventId);
        if (data is null)
            writer.WriteNil();
        else
            WriteData(ref writer, data);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteData(ref PackWriter writer, Scenario scenario)
    {
        if (Payloads.Json(scenario) is not { } json)
        {
            writer.WriteNil();
            return;
        }

        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
        reader.Read();
        if (!MessagePackJson.TryRead(ref reader, ref writer, maxDepth: 16, out var problem))
            throw new InvalidOperationException(problem);
    }
}
