using System.Net.WebSockets;
using System.Text;
using Ducts.EndToEnd.Clients;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Doors;

/// <summary>What does not belong there, sent over a WebSocket.</summary>
public sealed class WebSocketDoorTests(HandlerServer server)
{
    [Fact]
    public async Task Bytes_that_are_no_frames_end_that_connection_and_no_other()
    {
        using var bystander = await OpenAsync();
        var random = new Random(1);
        for (var i = 0; i < 10; i++)
        {
            using var connection = await RawConnection.UpgradeAsync(server.Address);
            var bytes = new byte[1000];
            random.NextBytes(bytes);
            // An opcode that no RFC has, so that no length that follows can be taken for a message to wait for.
            bytes[0] = 0x8B;
            await connection.SendAsync(bytes);
            var answer = await connection.ReadToEndAsync();
            // Either nothing or a close frame that calls it a protocol error.
            Assert.True(answer.Length == 0 || answer is [0x88, _, 0x03, 0xEA, ..], Convert.ToHexString(answer));
        }
        Assert.Equal("""{"request_id":1,"event_id":1000,"data":"still here"}""", await CallAsync(bystander, """{"request_id":1,"event_id":1000,"data":"still here"}"""));
    }

    [Fact]
    public async Task An_unmasked_frame_ends_the_connection()
    {
        using var connection = await RawConnection.UpgradeAsync(server.Address);
        await connection.SendAsync([0x82, 0x04, 0x93, 0x01, 0x00, 0xC0]);
        var answer = await connection.ReadToEndAsync();
        Assert.True(answer.Length == 0 || answer is [0x88, _, 0x03, 0xEA, ..], Convert.ToHexString(answer));
    }

    [Theory]
    [InlineData("""{"request_id":7,"event_id":"x","data":null}""", """{"request_id":7,"event_id":-99,""")]
    [InlineData("""{"request_id":7,"event_id":1000.5,"data":null}""", """{"request_id":7,"event_id":-99,""")]
    [InlineData("""{"request_id":7,"event_id":-3,"data":null}""", """{"request_id":7,"event_id":-99,""")]
    [InlineData("""{"request_id":7,"event_id":999999,"data":null}""", """{"request_id":7,"event_id":-999999,""")]
    [InlineData("""{"request_id":7,"event_id":1006,"data":["x"]}""", """{"request_id":7,"event_id":-1006,""")]
    public async Task A_faulty_request_is_answered_and_the_socket_stays(string request, string start)
    {
        using var socket = await OpenAsync();
        Assert.StartsWith(start, await CallAsync(socket, request), StringComparison.Ordinal);
        Assert.Equal("""{"request_id":8,"event_id":1000,"data":[1]}""", await CallAsync(socket, """{"request_id":8,"event_id":1000,"data":[1]}"""));
    }

    [Fact]
    public async Task Unreadable_messages_are_borne_up_to_their_limit()
    {
        using var socket = await OpenAsync();
        for (var i = 0; i < 16; i++)
            await socket.SendAsync(Encoding.UTF8.GetBytes("{{{"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        Assert.Equal("""{"request_id":1,"event_id":1000,"data":null}""", await CallAsync(socket, """{"request_id":1,"event_id":1000,"data":null}"""));
        await socket.SendAsync(new byte[] { 0xC1 }, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await CloseStatusAsync(socket));
    }

    [Fact]
    public async Task A_message_over_the_limit_closes_as_too_big()
    {
        using var socket = await OpenAsync();
        try
        {
            await socket.SendAsync(new byte[9 * 1024 * 1024], WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // The server need not read to the end what it refuses.
        }
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await CloseStatusAsync(socket));
    }

    private async Task<ClientWebSocket> OpenAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(await Discovery.WebSocketAsync(server.Address), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> CallAsync(ClientWebSocket socket, string request)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var id = request.Split(':', ',')[1];
        while (true)
        {
            var reply = await ReceiveAsync(socket);
            Assert.NotNull(reply);
            if (reply.StartsWith($"{{\"request_id\":{id},", StringComparison.Ordinal))
                return reply;
        }
    }

    private static async Task<WebSocketCloseStatus?> CloseStatusAsync(ClientWebSocket socket)
    {
        while (await ReceiveAsync(socket) is not null)
        {
        }
        return socket.CloseStatus;
    }

    private static async Task<string?> ReceiveAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(Until.Patience);
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(message.ToArray());
        }
    }
}
