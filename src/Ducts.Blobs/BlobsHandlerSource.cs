using System.Reflection;
using Ducts.Blobs.Events;
using Ducts.Blobs.Web;
using Ducts.Handlers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Ducts.Blobs;

/// <summary>The handlers of BLOBS that the options leave.</summary>
internal sealed class BlobsHandlerSource(IOptions<DuctsOptions> options) : IHandlerSource
{
    private const int FirstId = 500;

    // BLOBS itself is one of two, for its Web API that writes is a method of the same handler.
    private static readonly Type[] ReadingBesideBlobs =
    [
        typeof(GroupExists), typeof(GroupMetadata), typeof(GroupList), typeof(GroupListNames), typeof(GroupVersions),
        typeof(ContentExists), typeof(ContentMetadata), typeof(ContentList), typeof(ContentFilter), typeof(ContentVersions),
        typeof(DirListFiles), typeof(DirFileExists), typeof(DirFileMetadata),
    ];

    /// <summary>Those that change nothing.</summary>
    internal static readonly Type[] Reading = [typeof(BlobsEvent), .. ReadingBesideBlobs];

    /// <summary>All of them.</summary>
    internal static readonly Type[] All =
    [
        typeof(WritableBlobsEvent), .. ReadingBesideBlobs,
        typeof(GroupAdd), typeof(GroupUpdate), typeof(GroupDelete),
        typeof(ContentAdd), typeof(ContentUpdate), typeof(ContentRevert), typeof(ContentAddByBuffer), typeof(ContentUpdateByBuffer), typeof(ContentAddDir),
        typeof(DirAddFiles), typeof(DirRmFiles), typeof(BufferOpen), typeof(BufferAppend), typeof(DeleteAll),
    ];

    public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken)
    {
        var types = options.Value.Blobs.Blobs switch
        {
            BlobsMode.ReadWrite => All,
            BlobsMode.ReadOnly => Reading,
            _ => [],
        };
        return Task.FromResult(new HandlerSet([.. types.Select(CandidateOf)], []) { MinEventId = FirstId });
    }

    public IChangeToken? Watch() => null;

    private static HandlerCandidate CandidateOf(Type type)
    {
        var attribute = type.GetCustomAttribute<EventAttribute>()!;
        return new HandlerCandidate(attribute.Id, attribute.Key, type, $"{type.FullName} in {type.Assembly.GetName().Name}") { HasTestedWebApis = true };
    }
}
