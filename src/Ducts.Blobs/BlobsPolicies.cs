namespace Ducts.Blobs;

/// <summary>
/// Names the authorization policies of the events and Web APIs of BLOBS. An application that adds a policy of such a name decides who may
/// call them; where there is none, they are open as all events are that ask for nothing, so that <c>authorize_by_default</c> and a fallback
/// policy hold.
/// </summary>
public static class BlobsPolicies
{
    /// <summary>The policy of what only reads: <c>DuctsBlobsRead</c>.</summary>
    public const string Read = "DuctsBlobsRead";

    /// <summary>The policy of what changes something: <c>DuctsBlobsWrite</c>.</summary>
    public const string Write = "DuctsBlobsWrite";
}
