using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.blobs_config</c>.</summary>
[Section("ducts.blobs_config", "ducts.server.config")]
public sealed class BlobsOptions
{
    /// <summary><c>read-write</c>, <c>read-only</c> or <c>off</c>.</summary>
    [Option("what clients may do with blobs: read-write, read-only, off", Choices = ["read-write", "read-only", "off"])]
    public string Blobs { get; set; } = "read-write";

    /// <summary>Allow BLOBS_DELETE_ALL. Default false.</summary>
    [Option("whether BLOBS_DELETE_ALL is allowed")]
    public bool BlobsDeleteAll { get; set; }

    /// <summary>Seconds after which an unused buffer is deleted.</summary>
    [Option("seconds after which an unused buffer is deleted", Min = 0.001, Max = 31536000, Unit = "seconds")]
    public double BlobsBufferTtl { get; set; } = 3600;

    /// <summary>Bytes of the largest content; 512 MiB is Redis' own limit.</summary>
    [Option("bytes of the largest content", Min = 1, Max = 536870912, Unit = "bytes")]
    public long BlobsMaxSize { get; set; } = 536870912;
}
