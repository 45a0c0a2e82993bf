using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>Specifies what clients may do with the store of contents in Redis, which <c>AddBlobs</c> adds. INI section <c>ducts.blobs_config</c>.</summary>
[Section("ducts.blobs_config", "ducts.server.config")]
public sealed class DuctsBlobsOptions
{
    internal const long RedisLimit = 512 * 1024 * 1024;

    /// <summary>
    /// Gets or sets which of the events BLOBS and BLOBS_* there are. Default: <see cref="BlobsMode.ReadWrite"/>. Who may call them is
    /// up to the policies <c>DuctsBlobsRead</c> and <c>DuctsBlobsWrite</c>.
    /// </summary>
    [Option("which BLOBS events there are: read-write, read-only, off")]
    public BlobsMode Blobs { get; set; }

    /// <summary>Gets or sets whether BLOBS_DELETE_ALL deletes all groups and contents. Default: false, because any client that may write can call it.</summary>
    [Option("whether BLOBS_DELETE_ALL may be called")]
    public bool BlobsDeleteAll { get; set; }

    /// <summary>
    /// Gets or sets how long a buffer lives after the last append to it. Default: 1 hour. Range: 1 second to 30 days. It ends earlier with
    /// its session. Raise it for clients that pause longer between two pieces of an upload.
    /// </summary>
    [Option("seconds that a buffer lives after the last append", Min = 1, Max = 30 * 86400)]
    public TimeSpan BlobsBufferTtl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets the size of the largest content in bytes. Default: 536870912 (512 MiB), the largest value that Redis stores. Range: 1
    /// to 536870912.
    /// </summary>
    [Option("largest content in bytes", Min = 1, Max = RedisLimit, Unit = "bytes")]
    public long BlobsMaxSize { get; set; } = RedisLimit;
}

/// <summary>Specifies which events of the store of contents a server has.</summary>
public enum BlobsMode
{
    /// <summary>All of them. INI: <c>read-write</c>.</summary>
    [JsonStringEnumMemberName("read-write")]
    ReadWrite,

    /// <summary>Those that change nothing. INI: <c>read-only</c>.</summary>
    [JsonStringEnumMemberName("read-only")]
    ReadOnly,

    /// <summary>None. INI: <c>off</c>.</summary>
    [JsonStringEnumMemberName("off")]
    Off,
}
