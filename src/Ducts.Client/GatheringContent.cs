using System.Net;

namespace Ducts.Client;

/// <summary>The answer to a WebSocket's handshake, whose stream is a <see cref="GatheringStream"/>.</summary>
internal sealed class GatheringContent(HttpContent inner) : HttpContent
{
    /// <summary>Gets the stream; null until it has been asked for.</summary>
    public GatheringStream? Stream { get; private set; }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        Stream = new GatheringStream(inner.ReadAsStream(cancellationToken));

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        Stream = new GatheringStream(await inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => inner.CopyToAsync(stream, context);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
