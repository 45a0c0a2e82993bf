using System.IO.Pipelines;
using Ducts.Blobs.Storage;

namespace Ducts.Blobs.Web;

/// <summary>A body on its way into a buffer, which goes again unless a write has taken it.</summary>
internal sealed class Upload : IAsyncDisposable
{
    private readonly BufferStore _buffers;
    private readonly string _owner;
    private readonly string _id;

    private Upload(BufferStore buffers, string owner, string id)
    {
        _buffers = buffers;
        _owner = owner;
        _id = id;
        Source = ContentSource.None;
    }

    /// <summary>Gets where the bytes are.</summary>
    public ContentSource Source { get; private set; }

    /// <summary>Receives a body in pieces, each while the one before is on its way to Redis.</summary>
    /// <returns>The upload; null if the body is too large.</returns>
    public static async Task<Upload?> ReceiveAsync(BufferStore buffers, PipeReader body, long maxSize, CancellationToken cancellationToken)
    {
        var owner = $"HTTP.{Guid.NewGuid():N}";
        var upload = new Upload(buffers, owner, await buffers.OpenAsync(owner, cancellationToken));
        var whole = false;
        try
        {
            whole = await upload.FillAsync(body, maxSize, cancellationToken);
            return whole ? upload : null;
        }
        finally
        {
            if (!whole)
            {
                await upload.DisposeAsync();
            }
        }
    }

    // A buffer that was renamed is not there any more.
    public async ValueTask DisposeAsync() => await _buffers.DeleteAsync(_owner, _id, CancellationToken.None);

    private async Task<bool> FillAsync(PipeReader body, long maxSize, CancellationToken cancellationToken)
    {
        using var hash = BlobKeys.StartHash();
        byte[][] pieces = [new byte[ContentReader.PieceSize], new byte[ContentReader.PieceSize]];
        var current = 0;
        var filled = 0;
        var length = 0L;
        var sending = Task.CompletedTask;
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(cancellationToken);
                try
                {
                    if ((length += read.Buffer.Length) > maxSize)
                    {
                        return false;
                    }

                    foreach (var segment in read.Buffer)
                    {
                        await TakeAsync(segment);
                    }
                }
                finally
                {
                    body.AdvanceTo(read.Buffer.End);
                }

                if (read.IsCompleted)
                {
                    break;
                }
            }

            if (filled > 0)
            {
                await SendAsync();
            }

            await sending;
            Source = ContentSource.OfBuffer(_owner, _id, Convert.ToHexStringLower(hash.GetHashAndReset()), length);
            return true;
        }
        finally
        {
            // It has bytes of the pieces.
            await sending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var part = bytes[..Math.Min(bytes.Length, ContentReader.PieceSize - filled)];
                part.CopyTo(pieces[current].AsMemory(filled));
                filled += part.Length;
                bytes = bytes[part.Length..];
                if (filled == ContentReader.PieceSize)
                {
                    await SendAsync();
                }
            }
        }

        async Task SendAsync()
        {
            var piece = pieces[current].AsMemory(0, filled);
            await sending;
            sending = _buffers.AppendAsync(_owner, _id, piece, cancellationToken);
            hash.AppendData(piece.Span);
            current ^= 1;
            filled = 0;
        }
    }
}
