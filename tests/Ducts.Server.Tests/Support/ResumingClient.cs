using System.Text.Json;
using Ducts.Connections;
using Ducts.Sessions;

namespace Ducts.Tests.Support;

/// <summary>One connection of a session whose client counts messages, on a bare socket.</summary>
internal sealed class ResumingClient : IAsyncDisposable
{
    private ResumingClient(WireClient wire) => Wire = wire;

    public WireClient Wire { get; }

    /// <summary>The life of the numbers, as WELCOME had it.</summary>
    public string Life { get; private set; } = "";

    /// <summary>The number of the last message that the server had received.</summary>
    public long Received { get; private set; }

    public bool IsLost { get; private set; }

    /// <summary>The first message that came.</summary>
    public string First { get; private set; } = "";

    public static string HelloOf(Issued issued, long received = 0, string? life = null, long attempt = 1) =>
        JsonSerializer.Serialize(new object?[]
        {
            null,
            13,
            life is null ? new { key = issued.Key, received, attempt } : new { key = issued.Key, received, life, attempt },
        });

    /// <summary>Says HELLO on a connection, and reads WELCOME.</summary>
    public static async Task<ResumingClient> OpenAsync(int port, Issued issued, long received, string? life, long attempt, int? receiveBuffer = null)
    {
        var client = await AskAsync(port, issued, HelloOf(issued, received, life, attempt), receiveBuffer);
        Assert.StartsWith("[", client.First, StringComparison.Ordinal);
        using var welcome = JsonDocument.Parse(client.First);
        Assert.Equal(JsonValueKind.Null, welcome.RootElement[0].ValueKind);
        Assert.Equal(8, welcome.RootElement[1].GetInt32());
        client.Received = welcome.RootElement[2].GetProperty("received").GetInt64();
        client.Life = welcome.RootElement[2].GetProperty("life").GetString()!;
        client.IsLost = welcome.RootElement[2].GetProperty("lost").GetBoolean();
        return client;
    }

    /// <summary>Says something on a connection of version 2, and reads what comes first.</summary>
    public static async Task<ResumingClient> AskAsync(int port, Issued issued, string hello, int? receiveBuffer = null)
    {
        var client = new ResumingClient(await WireClient.OpenAsync(port, issued.Path + "?v=2", receiveBuffer));
        await client.Wire.SendAsync(hello);
        client.First = await client.Wire.ReceiveAsync();
        return client;
    }

    public Task SendAsync(string json) => Wire.SendAsync(json);

    public Task ConfirmAsync(long number) => Wire.SendAsync($"[null,7,{number}]");

    public async Task<string> CallAsync(string json)
    {
        await SendAsync(json);
        return await ReceiveAsync();
    }

    /// <summary>The next message that has a number.</summary>
    public async Task<string> ReceiveAsync()
    {
        while (true)
        {
            var message = await Wire.ReceiveAsync();
            if (!message.StartsWith("[null,7,", StringComparison.Ordinal))
                return message;
        }
    }

    public async Task<string[]> ReceiveAsync(int count)
    {
        var messages = new string[count];
        for (var i = 0; i < count; i++)
            messages[i] = await ReceiveAsync();
        return messages;
    }

    public void Reset() => Wire.Reset();

    public ValueTask DisposeAsync() => Wire.DisposeAsync();
}
