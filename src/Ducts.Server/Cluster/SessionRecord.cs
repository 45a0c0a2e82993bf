using Ducts.Sessions;

namespace Ducts.Cluster;

/// <summary>What Redis says of a session.</summary>
/// <param name="Owner">The node that has it; empty where it is over.</param>
/// <param name="Epoch">Grows with each change of the owner.</param>
/// <param name="Fields">What a new owner has to know: see <see cref="SessionImage"/>.</param>
internal sealed record SessionRecord(string Owner, long Epoch, SessionFields Fields)
{
    /// <summary>Gets whether it has ended, and none of its id may be opened.</summary>
    public bool IsOver => Owner.Length == 0;
}
