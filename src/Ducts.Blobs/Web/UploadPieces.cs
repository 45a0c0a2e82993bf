using System.Security.Cryptography;
using Ducts.Blobs.Storage;

namespace Ducts.Blobs.Web;

/// <summary>Cuts an upload into pieces, and writes each to its place in the buffer while the next ones come.</summary>
internal sealed class UploadPieces(BufferStore buffers, string owner, string id, long? announced, CancellationToken cancellationToken) : IAsyncDisposable
{
    /// <summary>How many pieces there are: one that is filled, the others on their way.</summary>
    private const int Count = 3;

    /// <summary>How much more room is made than there are bytes: a client that only announces much gets no more.</summary>
    private const int RoomFactor = 8;

    private readonly IncrementalHash _hash = BlobKeys.StartHash();
    private readonly byte[][] _pieces = [.. Enumerable.Range(0, Count).Select(static _ => new byte[ContentReader.PieceSize])];
    private readonly Task[] _sending = [.. Enumerable.Repeat(Task.CompletedTask, Count)];
    private int _current;
    private int _filled;
    private long _room;

    /// <summary>Gets how many bytes have come.</summary>
    public long Length { get; private set; }

    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = bytes[..Math.Min(bytes.Length, ContentReader.PieceSize - _filled)];
            part.CopyTo(_pieces[_current].AsMemory(_filled));
            _filled += part.Length;
            Length += part.Length;
            bytes = bytes[part.Length..];
            if (_filled == ContentReader.PieceSize)
            {
                await SendAsync();
            }
        }
    }

    /// <summary>Sends the rest, and waits until all is in Redis.</summary>
    /// <returns>The hash of all bytes.</returns>
    public async Task<string> CompleteAsync()
    {
        if (_filled > 0)
        {
            await SendAsync();
        }

        await Task.WhenAll(_sending);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        // The buffer is deleted next, and nothing must come after that.
        await Task.WhenAll(_sending).ContinueWith(static sending => _ = sending.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _hash.Dispose();
    }

    private async Task SendAsync()
    {
        var piece = _pieces[_current].AsMemory(0, _filled);
        await MakeRoomAsync();
        _sending[_current] = buffers.WriteAsync(owner, id, Length - _filled, piece, cancellationToken);
        _hash.AppendData(piece.Span);
        _current = (_current + 1) % Count;
        _filled = 0;
        await _sending[_current];
    }

    // A value that grows piece by piece is moved time and again, which costs Redis more than all else.
    private async Task MakeRoomAsync()
    {
        if (Length <= _room || announced is not { } length)
        {
            return;
        }

        _room = Math.Min(length, Length * RoomFactor);
        if (_room > Length)
        {
            await buffers.WriteAsync(owner, id, _room - 1, new byte[1], cancellationToken);
        }
    }
}
