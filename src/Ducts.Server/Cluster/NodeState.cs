namespace Ducts.Cluster;

/// <summary>What Redis says of a node.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Address">Where other nodes reach it, as host and port; empty where it is not known any more.</param>
/// <param name="Lease">A counter that the node raises while it lives.</param>
/// <param name="IsDead">Whether it has been marked as dead, which is for good; also when nothing is known of it any more.</param>
internal sealed record NodeState(string Id, string Address, long Lease, bool IsDead);
