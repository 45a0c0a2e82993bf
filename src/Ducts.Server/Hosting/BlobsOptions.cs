namespace Ducts;

/// <summary>Section <c>ducts.blobs_config</c>.</summary>
public sealed class BlobsOptions
{
    /// <summary><c>read-write</c>, <c>read-only</c> or <c>off</c>.</summary>
    public string Blobs { get; set; } = "read-write";

    /// <summary>Allow BLOBS_DELETE_ALL. Default false.</summary>
    public bool BlobsDeleteAll { get; set; }

    /// <summary>Seconds after which an unused buffer is deleted.</summary>
    public double BlobsBufferTtl { get; set; } = 3600;

    /// <summary>Bytes of the largest content; 512 MiB is Redis' own limit.</summary>
    public long BlobsMaxSize { get; set; } = 536870912;
}
