using System.Security.Cryptography;

namespace Ducts.Blobs.Storage;

/// <summary>What the server knows of a buffer that it has opened: its length, and the hash of what is in it.</summary>
// Threading: whoever has entered the gate.
internal sealed class OpenBuffer : IDisposable
{
    private IncrementalHash? _hash;

    /// <summary>Gets what lets one request after the other use the buffer.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Gets the length that Redis has confirmed.</summary>
    public long Length { get; private set; }

    /// <summary>Gets whether something was appended of which Redis has not said what came of it.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>Gets or sets whether the buffer has expired, was deleted, or has become a content.</summary>
    public bool IsGone { get; set; }

    /// <summary>Gets the hash of the whole buffer; null if its bytes must be read for it.</summary>
    public string? Hash => _hash is null ? null : Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Takes bytes into the hash while they are on their way to Redis.</summary>
    public void Begin(ReadOnlySpan<byte> bytes)
    {
        if (Length == 0)
        {
            _hash ??= BlobKeys.StartHash();
        }

        IsUncertain = true;
        _hash?.AppendData(bytes);
    }

    /// <summary>Notes that the bytes are in Redis.</summary>
    public void Complete(long length)
    {
        Length = length;
        IsUncertain = false;
    }

    /// <summary>Notes the length that Redis tells where it was uncertain; which bytes those are is not known any more.</summary>
    public void Recover(long length)
    {
        Dispose();
        Complete(length);
    }

    public void Dispose()
    {
        _hash?.Dispose();
        _hash = null;
    }
}
