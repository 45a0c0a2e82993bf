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

    /// <summary>Receives a body in pieces, some of which are on their way to Redis while the next comes.</summary>
    /// <param name="buffers">The buffers.</param>
    /// <param name="body">The body.</param>
    /// <param name="announced">Its length, if it was told.</param>
    /// <param name="maxSize">The largest length.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <returns>The upload; null if the body is too large.</returns>
    public static async Task<Upload?> ReceiveAsync(BufferStore buffers, PipeReader body, long? announced, long maxSize, CancellationToken cancellationToken)
    {
        var owner = $"HTTP.{Guid.NewGuid():N}";
        var upload = new Upload(buffers, owner, await buffers.OpenAsync(owner, cancellationToken));
        var whole = false;
        try
        {
            whole = await upload.FillAsync(body, announced, maxSize, cancellationToken);
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

    private async Task<bool> FillAsync(PipeReader body, long? announced, long maxSize, CancellationToken cancellationToken)
    {
        await using var pieces = new UploadPieces(_buffers, _owner, _id, announced, cancellationToken);
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            try
            {
                if (pieces.Length + read.Buffer.Length > maxSize)
                {
                    return false;
                }

                foreach (var segment in read.Buffer)
                {
                    await pieces.AddAsync(segment);
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

        Source = ContentSource.OfBuffer(_owner, _id, await pieces.CompleteAsync(), pieces.Length);
        return true;
    }
}
