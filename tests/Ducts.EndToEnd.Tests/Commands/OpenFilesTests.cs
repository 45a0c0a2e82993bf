using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Ducts.EndToEnd.Doors;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Commands;

/// <summary>A server that may open few files, and more connections than that.</summary>
public sealed class OpenFilesTests : IAsyncDisposable
{
    private const int OpenFiles = 1024;

    private readonly WorkingFolder _folder = new();
    private readonly List<Socket> _idle = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _idle)
            socket.Dispose();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Idle_connections_up_to_the_limit_of_open_files_harm_neither_the_server_nor_its_users()
    {
        _folder.Write("handler/evt_1000_echo.cs", "public class Echo : DuctsHandler { public string Handle(string text) => text; }");
        _folder.OpenFiles = OpenFiles;
        await _folder.StartServerAsync();
        _folder.OpenFiles = null;
        using var user = await OpenAsync();
        Assert.Equal("before", await EchoAsync(user, "before"));

        for (var i = 0; i < OpenFiles * 2; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _idle.Add(socket);
            await socket.ConnectAsync(_folder.Address!.Host, _folder.Address.Port);
            if (i % 256 == 0)
                Assert.Equal($"{i}", await EchoAsync(user, $"{i}"));
        }

        Assert.Equal("after", await EchoAsync(user, "after"));
        // A new user finds room as soon as those that have said nothing for a while give way.
        using var newcomer = await RetryAsync(OpenAsync);
        Assert.Equal("new", await EchoAsync(newcomer, "new"));
        Assert.Single(ProcessList.Named(_folder.Path, "server run"));
        Assert.Contains("connections is reached", _folder.Log, StringComparison.Ordinal);
        var stopped = await _folder.DuctsAsync("server", "stop");
        Assert.True(stopped.Output.StartsWith("The server has stopped", StringComparison.Ordinal), $"{stopped}\n{_folder.Log}");
    }

    private async Task<ClientWebSocket> OpenAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(await Doors.Discovery.WebSocketAsync(_folder.Address!), CancellationToken.None).WaitAsync(Until.Patience);
        return socket;
    }

    private static async Task<T> RetryAsync<T>(Func<Task<T>> attempt)
    {
        var deadline = Environment.TickCount64 + (long)Until.Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception exception) when (exception is HttpRequestException or WebSocketException && Environment.TickCount64 < deadline)
            {
                await Task.Delay(50);
            }
        }
    }

    private static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"request_id":1,"event_id":1000,"data":"{{text}}"}"""), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[1024];
        var part = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Until.Patience);
        var answer = Encoding.UTF8.GetString(buffer, 0, part.Count);
        return answer.Contains($"\"{text}\"", StringComparison.Ordinal) ? text : answer;
    }
}
