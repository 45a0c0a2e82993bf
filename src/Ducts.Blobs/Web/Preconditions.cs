using Ducts.Blobs.Storage;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Ducts.Blobs.Web;

/// <summary>What the conditions of a request come to.</summary>
internal enum PreconditionOutcome
{
    /// <summary>The request is carried out.</summary>
    Met,

    /// <summary>The client has the content already (304).</summary>
    NotModified,

    /// <summary>The content is another than the client thinks (412).</summary>
    Failed,
}

/// <summary>The conditions of RFC 9110, section 13, in the order of 13.2.2.</summary>
internal static class Preconditions
{
    public static EntityTagHeaderValue TagOf(string cid) => new($"\"{cid}\"");

    /// <summary>Evaluates the conditions of a request.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="current">The content; null if there is none.</param>
    /// <param name="isReading">Whether the method is GET or HEAD.</param>
    public static PreconditionOutcome Evaluate(RequestHeaders headers, StoredContent? current, bool isReading)
    {
        var tag = current is null ? null : TagOf(current.Cid);
        if (headers.IfMatch is { Count: > 0 } wanted)
        {
            if (!Matches(wanted, tag, useStrongComparison: true))
            {
                return PreconditionOutcome.Failed;
            }
        }
        else if (headers.IfUnmodifiedSince is { } unmodified && (current is null || current.LastModified > unmodified))
        {
            return PreconditionOutcome.Failed;
        }

        if (headers.IfNoneMatch is { Count: > 0 } unwanted)
        {
            return !Matches(unwanted, tag, useStrongComparison: false) ? PreconditionOutcome.Met
                : isReading ? PreconditionOutcome.NotModified
                : PreconditionOutcome.Failed;
        }

        return isReading && headers.IfModifiedSince is { } modified && current?.LastModified <= modified
            ? PreconditionOutcome.NotModified
            : PreconditionOutcome.Met;
    }

    /// <summary>Whether a range may be sent: the client has the rest of this very content, or does not say what it has.</summary>
    public static bool AllowsRange(RequestHeaders headers, StoredContent content) => headers.IfRange switch
    {
        null => headers.Headers.IfRange.Count == 0,
        { EntityTag: { } tag } => tag.Compare(TagOf(content.Cid), useStrongComparison: true),
        { LastModified: { } date } => content.LastModified == date,
        _ => false,
    };

    private static bool Matches(IList<EntityTagHeaderValue> tags, EntityTagHeaderValue? current, bool useStrongComparison) =>
        current is not null && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison));
}
