using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Ducts.Client.Tests;

/// <summary>A server that has no network: discovery, and WebSockets whose bytes stay in memory.</summary>
public sealed class MemoryServer(Dictionary<string, object> discovery) : HttpMessageHandler
{
    private readonly Channel<WebSocket> _sockets = Channel.CreateUnbounded<WebSocket>();

    /// <summary>Decides whether a handshake is refused.</summary>
    public Func<bool> Refuses { get; set; } = static () => false;

    public int Discoveries { get; private set; }

    public ChannelReader<WebSocket> Sockets => _sockets.Reader;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isHandshake = request.Headers.TryGetValues("Sec-WebSocket-Key", out var keys);
        if (isHandshake && Refuses())
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        if (isHandshake)
            return Task.FromResult(Upgrade(keys!.Single()));
        Discoveries++;
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(discovery)) });
    }

    private HttpResponseMessage Upgrade(string key)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        _sockets.Writer.TryWrite(WebSocket.CreateFromStream(new TwoWayStream(toServer.Reader, toClient.Writer), new WebSocketCreationOptions { IsServer = true }));
        var response = new HttpResponseMessage(HttpStatusCode.SwitchingProtocols) { Content = new SocketContent(new TwoWayStream(toClient.Reader, toServer.Writer)) };
        response.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        response.Headers.TryAddWithoutValidation("Upgrade", "websocket");
#pragma warning disable CA5350 // RFC 6455 wants it.
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        response.Headers.TryAddWithoutValidation("Sec-WebSocket-Accept", Convert.ToBase64String(accept));
        return response;
    }

    private sealed class SocketContent(Stream stream) : HttpContent
    {
        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => stream;

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(stream);

        protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>One end of a connection. Disposing it is the end of both directions.</summary>
    private sealed class TwoWayStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _input = reader.AsStream();
        private readonly Stream _output = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                reader.CancelPendingRead();
                writer.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
